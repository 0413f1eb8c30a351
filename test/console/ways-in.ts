/** How people get to the console, and what they use it with: keys and screens, API keys and invites, pages of their own. */
import { devices } from 'playwright-core';
import type { Test } from 'tap';
import { connect } from '../../src/client/node.ts';
import { keepPicture, openTab } from '../kit/clients/browser.ts';
import { connected, goTo, message, overhang, row, signedIn } from '../kit/clients/console-user.ts';
import { call } from '../kit/clients/http-client.ts';
import { done, newConversation, type World } from './world.ts';

/** From an empty page to a message, without a mouse. */
export async function byKeys(t: Test, { node, browser, ann, bob }: World): Promise<void> {
  await newConversation(node, ann, 'by keys', [bob.id]);
  const tab = await openTab(browser);
  const { page } = tab;
  const { keyboard } = page;
  await page.goto(`${node.url}/console`);
  await page.getByLabel('Email').waitFor();
  await keyboard.type(ann.email);
  await keyboard.press('Tab');
  await keyboard.type(ann.password);
  await keyboard.press('Enter');
  await row(page, 'by keys').waitFor();
  await keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await keepPicture(page, 'shortcuts');
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keyboard.press('/');
  await keyboard.type('by keys');
  await page.locator('.conversations li').nth(1).waitFor({ state: 'detached' });
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  t.match(
    await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'),
    'solid',
    'the focus is seen',
  );
  await keyboard.press('Enter');
  await page.getByRole('log').waitFor();
  await page.getByRole('textbox', { name: 'Write a message' }).waitFor();
  await keyboard.press('m');
  await keyboard.type('no mouse');
  await keyboard.press('Enter');
  await message(page, 'no mouse').waitFor();
  await keyboard.press('Escape');
  await keyboard.press('ArrowUp');
  await keyboard.press('+');
  await page.getByRole('button', { name: 'React with 👍' }).waitFor();
  await keyboard.press('Enter');
  await page.getByRole('button', { name: '👍, Ann' }).waitFor();
  await done(t, tab);
}

export async function small(t: Test, { node, browser, ann, bob }: World): Promise<void> {
  const conversation = await newConversation(node, ann, 'a name that is rather long for a small screen', [
    bob.id,
  ]);
  const long = 'https://example.org/'.padEnd(300, 'x');
  const body = { conversation_id: conversation, content_text: `word ${long} ${'y'.repeat(200)}` };
  await call(node, 'POST', '/v1/chat/messages/send', { token: bob.token, body });
  const viewport = { width: 360, height: 740 };
  const tab = await signedIn(browser, node, ann, { ...devices['Pixel 5'], viewport });
  const { page } = tab;
  const fits = async (name: string): Promise<void> => {
    t.equal(await overhang(page), 0, `${name} fits`);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      const ground = String(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      t.equal(Number(/[\d.]+/.exec(ground)?.[0]) > 50, colorScheme === 'light', `the ground is ${ground}`);
      if (colorScheme === 'light' || name === 'talk') await keepPicture(page, `small-${colorScheme}-${name}`);
    }
  };
  await row(page, 'a name that is rather long').waitFor();
  await fits('list');
  await goTo(page, conversation);
  await message(page, 'word').waitFor();
  await fits('talk');
  await page.getByRole('button', { name: 'About this conversation' }).click();
  await page.getByRole('dialog').waitFor();
  await fits('about');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Who takes part' }).click();
  await page.getByRole('complementary', { name: 'Who takes part' }).getByText('Bob').waitFor();
  await fits('people');
  await page.evaluate(`location.hash = '#/node'`);
  await page.getByRole('img', { name: /^Sockets, open\. sockets: now \d/ }).waitFor();
  await fits('node');
  await page.evaluate(`location.hash = '#/access'`);
  await page.getByRole('button', { name: 'Remove Assistant' }).waitFor();
  await fits('access');
  await done(t, tab);
}

export async function access(t: Test, { node, browser, ann }: World): Promise<void> {
  const tab = await signedIn(browser, node, ann);
  const { page } = tab;
  await page.getByRole('link', { name: 'Access' }).click();
  await page.getByRole('button', { name: 'Make a link' }).click();
  const invite = page.getByText(/\/console#\/join\/inv_/);
  await invite.waitFor();
  await page.getByLabel('Name of a new key').fill('crane');
  await page.getByRole('button', { name: 'Make a key' }).click();
  const shown = page.locator('.secret', { hasText: 'Key “crane”' }).locator('code');
  await shown.waitFor();
  await keepPicture(page, 'access');
  const [key, link] = [(await shown.textContent()) ?? '', (await invite.textContent()) ?? ''];

  const service = await openTab(browser);
  await service.page.goto(`${node.url}/console`);
  await service.page.getByRole('radio', { name: 'API key' }).check();
  await service.page.getByRole('textbox', { name: 'API key' }).fill(key);
  await service.page.keyboard.press('Enter');
  await service.page.getByText('No conversations yet').waitFor();
  await connected(service.page);
  const kept = 'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])';
  t.equal(await service.page.evaluate(kept), '[{},{},""]', 'the key is kept nowhere');

  await page.getByRole('button', { name: 'Revoke crane' }).click();
  await page.getByRole('button', { name: 'Revoke crane: Really?' }).click();
  await page.locator('.rows li', { hasText: 'crane' }).waitFor({ state: 'detached' });
  await service.page.getByRole('button', { name: 'Sign in' }).waitFor();
  await service.page.getByText('does not count any more').waitFor();

  const guest = await openTab(browser);
  await guest.page.goto(link);
  await guest.page.getByLabel('Your name').fill('Cy');
  await guest.page.getByLabel('Email').fill(`cy-${ann.email}`);
  await guest.page.getByRole('textbox', { name: 'Password' }).fill('a password of Cy');
  await guest.page.getByRole('button', { name: 'Join' }).click();
  await guest.page.getByText('Welcome, Cy.').waitFor();
  await done(t, tab, service, guest);
}

/** bench/examples/browser-page.html: the client in a browser as it is, from another origin, without a bundler. */
export async function ownPage(t: Test, { node, browser, ann }: World, origin: string): Promise<void> {
  const conversation = await newConversation(node, ann, 'own page', []);
  const client = await connect({ url: node.url, token: ann.token });
  t.teardown(() => client.close());
  const talk = client.conversation(conversation);
  await talk.post('<b>before</b>');

  const tab = await openTab(browser);
  const { page } = tab;
  const line = (text: string) => page.getByText(text, { exact: true }).waitFor();
  const signIn = async (password: string) => {
    await page.getByLabel('Email').fill(ann.email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await page.goto(`${origin}/browser-page.html?node=${node.url}#${conversation}`);
  await signIn('not this one');
  await page.getByText('password is wrong').waitFor();
  await signIn(ann.password);
  await line('<b>before</b>');
  t.equal(await page.getByRole('status').textContent(), 'open');
  const stream = talk.stream();
  await stream.write('being ');
  await line('being');
  await stream.write('written');
  await line('being written');
  const { message_id } = await stream.end('written');
  await line('written');
  await talk.edit(message_id, 'edited');
  await line('edited');
  await page.getByLabel('Message').fill('from the page');
  await page.keyboard.press('Enter');
  await line('from the page');
  await talk.delete(message_id);
  await page.getByText('edited').waitFor({ state: 'detached' });
  const { events } = await talk.page();
  t.same(
    events.map((event) => (event.type === 'message.posted' ? event.data.content : event.type)),
    ['<b>before</b>', '', 'from the page'],
  );
  await done(t, tab);
}
