/**
 * The console in a real browser: one Chromium, one node. Each test looks for what people see, and at its end for what
 * the policy of the page had to refuse, which is nothing. Pictures are kept in .tap/console.
 */
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { type Account, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { keepPicture, noBrowser, startBrowser } from '../kit/clients/browser.ts';
import { connected, goTo, message, say, signedIn } from '../kit/clients/console-user.ts';
import { call } from '../kit/clients/http-client.ts';
import { serveExamplePage } from '../kit/servers/example-page.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { runSql, startPostgres } from '../kit/servers/postgres.ts';
import { quietPort } from '../kit/temporary.ts';
import { steered } from './steering.ts';
import { ended, found, hostile, twoTalk } from './talking.ts';
import { access, byKeys, ownPage, small } from './ways-in.ts';
import { done, newConversation } from './world.ts';

t.setTimeout(480_000);

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
  await t.test(
    'a restart loses nothing that is said, and a session that ends nothing that is written',
    async (t) => {
      const [tab, late] = await Promise.all([signedIn(browser, node, ann), signedIn(browser, node, bob)]);
      const conversation = await newConversation(node, ann, 'restart', [bob.id]);
      await Promise.all([goTo(tab.page, conversation), goTo(late.page, conversation)]);
      await node.close();
      await late.page.getByText('Not connected: trying again').waitFor();
      await say(late.page, 'said too late');
      await late.page.getByRole('textbox', { name: 'Write a message' }).fill('half a sent');
      await runSql(
        servers.database.url,
        `UPDATE sessions SET expires_us = 1 WHERE principal_id = '${bob.id}'`,
      );
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
      await backIn(t, late.page, bob);
      await message(tab.page, 'said too late').waitFor();
      await done(t, tab, late);
    },
  );
});

/** From the end of a session to where one was, with what one was writing. */
async function backIn(t: Test, page: Page, { password }: Account): Promise<void> {
  await page.getByRole('status').filter({ hasText: 'Your session ended.' }).waitFor();
  await page.getByText('What you were writing is kept until you sign in again as Bob.').waitFor();
  await keepPicture(page, 'session-ended');
  // The e-mail is there, and the focus is on the password.
  await page.getByRole('textbox', { name: 'Password' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  const box = page.getByRole('textbox', { name: 'Write a message' });
  await box.waitFor();
  t.equal(await box.inputValue(), 'half a sent');
  const failed = page.locator('.pending', { hasText: 'said too late' });
  await failed.getByText('You were signed out before it was sent.').waitFor();
  await keepPicture(page, 'back-in');
  await failed.getByRole('button', { name: 'Send again' }).click();
  await message(page, 'said too late').waitFor();
}
