/**
 * The console in a real browser: one Chromium, one node. Each test looks for what people see, and at its end for what
 * the policy of the page had to refuse, which is nothing. Pictures are kept in .tap/console.
 */
import t from 'tap';
import { signUp, signUpInto } from '../kit/clients/accounts.ts';
import { keepPicture, noBrowser, startBrowser } from '../kit/clients/browser.ts';
import { connected, goTo, message, say, signedIn } from '../kit/clients/console-user.ts';
import { call } from '../kit/clients/http-client.ts';
import { serveExamplePage } from '../kit/servers/example-page.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { quietPort } from '../kit/temporary.ts';
import { steered } from './steering.ts';
import { ended, found, hostile, twoTalk } from './talking.ts';
import { access, byKeys, ownPage, small } from './ways-in.ts';
import { done, newConversation } from './world.ts';

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
