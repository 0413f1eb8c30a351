/** Conversations in the console: said, changed, found again, named and ended. */
import type { Test } from 'tap';
import { keepPicture } from '../kit/clients/browser.ts';
import { find, goTo, message, row, say, signedIn } from '../kit/clients/console-user.ts';
import { call } from '../kit/clients/http-client.ts';
import { done, newConversation, type World } from './world.ts';

export async function twoTalk(t: Test, { node, browser, ann, bob }: World): Promise<void> {
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

  // It is shown for some seconds only: whoever looks when all is typed may come too late.
  await Promise.all([
    annSide.getByText('Bob is writing').waitFor(),
    bobTab.page.getByRole('textbox', { name: 'Write a message' }).pressSequentially('on my way'),
  ]);
  await bobTab.page.keyboard.press('Enter');
  for (const side of [annSide, bobTab.page]) await message(side, 'on my way').waitFor();
  t.match(
    await message(annSide, 'on my way').locator('.place-mark').getAttribute('title'),
    /^seq 2, position \d+$/,
  );

  await bobTab.page.getByRole('textbox', { name: 'Write a message' }).press('ArrowUp');
  await bobTab.page.getByRole('textbox', { name: 'Edit the message' }).fill('on my way, with coffee');
  await bobTab.page.keyboard.press('Enter');
  // On his side the box of the change is gone then, and the keys are the message's again.
  for (const side of [annSide, bobTab.page]) await message(side, 'on my way, with coffee (edited)').waitFor();
  await keepPicture(annSide, 'talk');

  await message(bobTab.page, 'with coffee').focus();
  await bobTab.page.keyboard.press('Delete');
  await bobTab.page.keyboard.press('Enter');
  await annSide.getByText('Deleted', { exact: true }).waitFor();
  // The list hears of it by a feed of its own.
  await annSide.getByText('coffee').first().waitFor({ state: 'detached' });
  await done(t, annTab, bobTab);
}

export async function hostile(t: Test, { node, browser, ann, bob }: World): Promise<void> {
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

/** More than the timeline loads at first lies between the one that is looked for and the newest. */
const between = 200;

export async function found(t: Test, { node, browser, ann, bob }: World): Promise<void> {
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

export async function ended(t: Test, { node, browser, ann, bob }: World): Promise<void> {
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
  // What is told at the edge goes after some seconds.
  await Promise.all([
    page.getByText('The conversation was deleted.').waitFor(),
    page.getByRole('button', { name: 'Really delete it, for everybody?' }).click(),
  ]);
  await bobTab.page.getByText('This conversation was deleted.').waitFor();
  for (const { page } of [annTab, bobTab]) await row(page, 'Pier 9').waitFor({ state: 'detached' });
  await done(t, annTab, bobTab);
}
