/**
 * The console in a real browser: one Chromium, one node. Each test looks for what people see, and at its end for what
 * the policy of the page had to refuse, which is nothing. Pictures are kept in .tap/console.
 */
import { type Browser, devices } from 'playwright-core';
import t, { type Test } from 'tap';
import { connect } from '../../src/client/node.ts';
import { type Account, makeAgent, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { keepPicture, noBrowser, openTab, startBrowser, type Tab } from '../kit/clients/browser.ts';
import { connected, find, goTo, message, overhang, row, say, signedIn } from '../kit/clients/console-user.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { serveExamplePage } from '../kit/servers/example-page.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode, type TestNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { quietPort } from '../kit/temporary.ts';

t.setTimeout(180_000);

t.test('the console', { skip: noBrowser }, async (t) => {
  const servers = { nats: await startNats(t), database: await startPostgres(t) };
  const pageOrigin = await serveExamplePage(t);
  const env = { PORT: String(await quietPort()), PARLEY_CORS_ORIGINS: pageOrigin };
  let node = await startNode({ ...servers, env });
  t.teardown(() => node.close());
  const [browser, ann] = [await startBrowser(t), await signUp(node, 'Ann')];
  const bob = await signUpInto(node, ann, 'Bob');
  const world = { node, browser, ann, bob };

  await t.test('two people talk: messages, reactions, edits and deletions show at once', (t) =>
    twoTalk(t, world),
  );
  await t.test('what people and agents write is text, whatever it looks like', (t) => hostile(t, world));
  await t.test('an agent is paused in the middle of a sentence, and stopped', (t) => steered(t, world));
  await t.test('a message of long ago is found, and what became of it is seen', (t) => found(t, world));
  await t.test('a conversation is named anew and deleted, and everybody sees it', (t) => ended(t, world));
  await t.test('everything to post is done by keys', (t) => byKeys(t, world));
  await t.test('it fits a screen of 360 pixels, light and dark', (t) => small(t, world));
  await t.test('owners make a key and an invite, and the key signs in', (t) => access(t, world));
  await t.test('a page of one’s own shows a conversation with the client, and posts to it', (t) =>
    ownPage(t, world, pageOrigin),
  );
  await t.test('what is said while the server restarts arrives once', async (t) => {
    const tab = await signedIn(browser, node, ann);
    const conversation = await newConversation(node, ann, 'restart', [bob.id]);
    await goTo(tab.page, conversation);
    await node.close();
    await tab.page.getByText('Not connected: trying again').waitFor();
    await say(tab.page, 'said in between');
    await tab.page.getByText('sending…').waitFor();
    await keepPicture(tab.page, 'offline');
    node = await startNode({ ...servers, env });
    await message(tab.page, 'said in between').waitFor();
    await connected(tab.page);
    t.equal(await tab.page.getByText('sending…').count(), 0);
    const history = await call(node, 'GET', `/v1/chat/conversations/${conversation}/messages`, {
      token: ann.token,
    });
    const texts = history.body.messages.map(({ content_text }: { content_text: string }) => content_text);
    t.same(texts, ['said in between']);
    await done(t, tab);
  });
});

interface World {
  readonly node: TestNode;
  readonly browser: Browser;
  readonly ann: Account;
  readonly bob: Account;
}

async function newConversation(
  node: TestNode,
  { token }: Account,
  name: string,
  others: readonly string[],
): Promise<string> {
  const body = { type: 'group', name, participant_ids: others };
  return (await call(node, 'POST', '/v1/chat/conversations', { token, body })).body.id;
}

/** A page without faults is closed. */
async function done(t: Test, ...tabs: readonly Tab[]): Promise<void> {
  for (const { page, faults } of tabs) {
    t.same(faults, [], 'nothing was refused by the policy, nothing was thrown');
    await page.context().close();
  }
}

async function twoTalk(t: Test, { node, browser, ann, bob }: World): Promise<void> {
  const conversation = await newConversation(node, ann, 'Pier 4', [bob.id]);
  const [annTab, bobTab] = await Promise.all([signedIn(browser, node, ann), signedIn(browser, node, bob)]);
  await goTo(annTab.page, conversation);
  await say(annTab.page, 'the ship is in');
  const bobRow = row(bobTab.page, 'Pier 4');
  await bobRow.filter({ hasText: 'Ann: the ship is in' }).filter({ hasText: '1 unread' }).waitFor();
  await bobRow.click();
  await message(bobTab.page, 'the ship is in').waitFor();
  await bobRow.filter({ hasNotText: 'unread' }).waitFor();

  const annSide = annTab.page;
  await message(bobTab.page, 'the ship is in').hover();
  await bobTab.page.getByRole('button', { name: 'React', exact: true }).click();
  await bobTab.page.getByRole('button', { name: 'React with 🎉' }).click();
  await annSide.getByRole('button', { name: '🎉, Bob' }).waitFor();

  await bobTab.page.getByRole('textbox', { name: 'Write a message' }).pressSequentially('on my way');
  await annSide.getByText('Bob is writing').waitFor();
  await bobTab.page.keyboard.press('Enter');
  await message(annSide, 'on my way').waitFor();
  t.match(
    await message(annSide, 'on my way').locator('.place-mark').getAttribute('title'),
    /^seq 2, position \d+$/,
  );

  await bobTab.page.getByRole('textbox', { name: 'Write a message' }).press('ArrowUp');
  await bobTab.page.getByRole('textbox', { name: 'Edit the message' }).fill('on my way, with coffee');
  await bobTab.page.keyboard.press('Enter');
  await message(annSide, 'on my way, with coffee (edited)').waitFor();
  await keepPicture(annSide, 'talk');

  await message(bobTab.page, 'with coffee').focus();
  await bobTab.page.keyboard.press('Delete');
  await bobTab.page.keyboard.press('Enter');
  await annSide.getByText('Deleted', { exact: true }).waitFor();
  t.equal(await annSide.getByText('coffee').count(), 0);
  await done(t, annTab, bobTab);
}

async function hostile(t: Test, { node, browser, ann, bob }: World): Promise<void> {
  const name = '<script>alert(1)</script>';
  const conversation = await newConversation(node, ann, name, [bob.id]);
  const texts = [
    '<img src=x onerror=alert(2)>',
    '"><svg onload=alert(3)>{{7*7}}',
    'javascript:alert(4) https://example.org/?q="onmouseover=alert(5)',
  ];
  for (const content_text of texts) {
    const body = { conversation_id: conversation, content_text };
    await call(node, 'POST', '/v1/chat/messages/send', { token: bob.token, body });
  }
  const tab = await signedIn(browser, node, ann);
  await row(tab.page, name).waitFor();
  await goTo(tab.page, conversation);
  for (const text of texts) await message(tab.page, text).waitFor();
  t.equal(await tab.page.getByRole('heading', { level: 1 }).textContent(), name);
  t.equal(await tab.page.locator('.timeline :is(img, script, iframe, svg[onload])').count(), 0);
  const links = tab.page.locator('.timeline .content a');
  t.equal(
    await links.getAttribute('href'),
    'https://example.org/?q=',
    'one link, which ends where it is no address',
  );
  t.equal(await links.getAttribute('rel'), 'noopener noreferrer nofollow');
  await keepPicture(tab.page, 'hostile');
  await done(t, tab);
}

/** bench/examples/browser-page.html: the client in a browser as it is, from another origin, without a bundler. */
async function ownPage(t: Test, { node, browser, ann }: World, origin: string): Promise<void> {
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

async function steered(t: Test, { node, browser, ann }: World): Promise<void> {
  const robot = await makeAgent(node, ann, 'Pilot');
  const conversation = await newConversation(node, ann, 'steering', [robot.id]);
  const agent = await NativeClient.connect(node, robot.token);
  const tab = await signedIn(browser, node, ann);
  await goTo(tab.page, conversation);
  const draft = { conversation, message_id: '01890a5d-ac96-774b-bcce-b302099a8057', run: 'run-1' };
  agent.send({ op: 'delta', ...draft, index: 0, text: 'The tide turns ' });
  await tab.page.locator('.draft', { hasText: 'The tide turns' }).waitFor();
  agent.send({ op: 'delta', ...draft, index: 1, text: 'at nine, and ' });
  await tab.page.locator('.draft', { hasText: 'The tide turns at nine, and' }).waitFor();
  await keepPicture(tab.page, 'draft');

  await tab.page.getByRole('button', { name: 'Pause the agents' }).click();
  await tab.page.getByText('Agents are paused by Ann').waitFor();
  const refused = await agent.ask('delta', { ...draft, index: 2, text: 'then' });
  t.equal(refused['problem'].code, 'conversation_paused');
  await tab.page.getByRole('button', { name: 'Stop what is running' }).click();
  const stopped = tab.page.locator('.message.interrupted', { hasText: 'The tide turns at nine, and' });
  await stopped.filter({ hasText: 'Interrupted by Ann' }).waitFor();
  t.equal(await tab.page.locator('.draft').count(), 0);
  await tab.page.getByRole('button', { name: 'Let the agents go on' }).click();
  await tab.page.getByText('Ann let the agents go on').waitFor();
  await tab.page.getByRole('button', { name: 'Pause with a reason' }).click();
  await tab.page.getByRole('textbox', { name: 'Reason' }).fill('the chart is old');
  await tab.page.keyboard.press('Enter');
  await tab.page.getByRole('status').filter({ hasText: 'paused by Ann: the chart is old' }).waitFor();
  await tab.page
    .locator('.fact', { hasText: 'Ann paused the agents' })
    .getByText('the chart is old')
    .waitFor();
  await tab.page.getByRole('button', { name: 'Give floor' }).click();
  await tab.page.getByText('has the floor: other agents wait').waitFor();
  await keepPicture(tab.page, 'steered');
  await agent.close();
  await done(t, tab);
}

/** More than the timeline loads at first lies between the one that is looked for and the newest. */
const between = 200;

async function found(t: Test, { node, browser, ann, bob }: World): Promise<void> {
  const conversation = await newConversation(node, ann, 'long ago', [bob.id]);
  const send = async (content_text: string): Promise<string> => {
    const body = { conversation_id: conversation, content_text };
    return (await call(node, 'POST', '/v1/chat/messages/send', { token: ann.token, body })).body.id;
  };
  const old = await send('the lighthouse <b>burns</b>');
  await Promise.all(Array.from({ length: between }, (_, index) => send(`wave ${index}`)));
  await send('the newest word');
  const tab = await signedIn(browser, node, bob);
  const { page } = tab;
  await find(page).fill('lighthouse');
  const result = page.getByRole('region', { name: 'Messages that were found' }).getByRole('link');
  await result.filter({ hasText: 'Ann: the lighthouse <b>burns</b>' }).waitFor();
  t.equal(await result.locator('mark').textContent(), 'lighthouse');
  await keepPicture(page, 'found');
  await result.click();
  await message(page, 'lighthouse').and(page.locator(':focus')).waitFor();
  t.equal(await message(page, 'the newest word').count(), 0, 'what lies between is not loaded');
  const body = { emoji: '🔥' };
  await call(node, 'POST', `/v1/chat/messages/${old}/reactions`, { token: ann.token, body });
  await page.getByRole('button', { name: '🔥, Ann' }).waitFor();
  await page.getByRole('button', { name: 'Show what came after' }).click();
  await message(page, 'the newest word').waitFor();
  const toEnd = page.getByRole('button', { name: '↓' });
  await toEnd.click();
  await toEnd.waitFor({ state: 'detached' });
  await say(page, 'seen');
  await message(page, 'seen').waitFor();
  await done(t, tab);
}

async function ended(t: Test, { node, browser, ann, bob }: World): Promise<void> {
  const conversation = await newConversation(node, ann, 'Pier 8', [bob.id]);
  const [annTab, bobTab] = await Promise.all([signedIn(browser, node, ann), signedIn(browser, node, bob)]);
  await Promise.all([goTo(annTab.page, conversation), goTo(bobTab.page, conversation)]);
  const { page } = annTab;
  await page.getByRole('log').focus();
  await page.keyboard.press(',');
  await page.getByRole('textbox', { name: 'Name' }).fill('Pier 9');
  await page.keyboard.press('Enter');
  await page.getByRole('log').and(page.locator(':focus')).waitFor();
  await bobTab.page.getByRole('heading', { name: 'Pier 9' }).waitFor();
  await row(bobTab.page, 'Pier 9').waitFor();
  await bobTab.page.getByRole('button', { name: 'About this conversation' }).click();
  await bobTab.page.getByText(conversation).waitFor();
  t.equal(await bobTab.page.getByRole('button', { name: 'Delete the conversation' }).count(), 0);

  await page.getByRole('button', { name: 'About this conversation' }).click();
  await page.getByRole('button', { name: 'Delete the conversation' }).click();
  await keepPicture(page, 'about');
  await page.getByRole('button', { name: 'Really delete it, for everybody?' }).click();
  await page.getByText('The conversation was deleted.').waitFor();
  await bobTab.page.getByText('This conversation was deleted.').waitFor();
  for (const { page } of [annTab, bobTab]) await row(page, 'Pier 9').waitFor({ state: 'detached' });
  await done(t, annTab, bobTab);
}

/** From an empty page to a message, without a mouse. */
async function byKeys(t: Test, { node, browser, ann, bob }: World): Promise<void> {
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

async function small(t: Test, { node, browser, ann, bob }: World): Promise<void> {
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

async function access(t: Test, { node, browser, ann }: World): Promise<void> {
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
