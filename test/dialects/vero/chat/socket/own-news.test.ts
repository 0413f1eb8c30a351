/** What a principal does to itself, as its devices hear of it; and that it is there, or no more. */
import t from 'tap';
import { MessagingClient } from '../../../../kit/clients/messaging-client.ts';
import { startChat } from '../stage.ts';

t.setTimeout(120_000);
const { node, ann, bob, ask, group } = await startChat(t);

t.test(
  'mutes and archives are told to the own devices, without a subscription, and to nobody else',
  async (t) => {
    const conversation = await group(bob);
    const [phone, laptop, other] = [
      await MessagingClient.connect(node, ann.token),
      await MessagingClient.connect(node, ann.token),
      await MessagingClient.connect(node, bob.token),
    ];
    await other.subscribe(conversation);
    const path = `/v1/chat/conversations/${conversation}`;
    const muted = await ask(ann, `POST ${path}/mute`, { duration_sec: 60 });
    const archived = await ask(ann, `POST ${path}/archive`);
    await ask(ann, `DELETE ${path}/mute`);
    await ask(ann, `DELETE ${path}/archive`);
    const named = { conversation_id: conversation };
    for (const own of [phone, laptop]) {
      await own.event('conversation.unarchived');
      t.same(own.events('conversation.muted'), [{ ...named, muted_until: muted.body.muted_until }]);
      t.same(own.events('conversation.archived'), [{ ...named, archived_at: archived.body.archived_at }]);
      t.same(own.events('conversation.unmuted'), [named]);
      t.same(own.events('conversation.unarchived'), [named]);
    }
    await other.settled();
    const heard = other.frames.map((frame) => frame['payload']?.type);
    for (const what of ['muted', 'unmuted', 'archived', 'unarchived'])
      t.notOk(heard.includes(`conversation.${what}`), what);
    for (const client of [phone, laptop, other]) await client.close();
  },
);

t.test('online with the first socket, offline ten seconds after the last one', async (t) => {
  const conversation = await group(bob);
  const watcher = await MessagingClient.connect(node, ann.token);
  await watcher.subscribe(conversation);
  const ofBob = (): string[] =>
    watcher
      .events('presence.updated')
      .filter(({ user_id }) => user_id === bob.id)
      .map(({ status }) => status);
  const status = async (): Promise<string> =>
    (await ask(ann, 'GET /v1/chat/users')).body.users.find((one: { id: string }) => one.id === bob.id).status;
  const first = await MessagingClient.connect(node, bob.token);
  await watcher.event('presence.updated', ({ user_id, status }) => user_id === bob.id && status === 'online');
  const second = await MessagingClient.connect(node, bob.token);
  await first.close();
  const closedMs = performance.now();
  await second.close();
  const third = await MessagingClient.connect(node, bob.token);
  await third.close();
  await watcher.event(
    'presence.updated',
    ({ user_id, status }) => user_id === bob.id && status === 'offline',
  );
  t.ok(performance.now() - closedMs > 9_500, 'not before ten seconds');
  t.equal(ofBob().at(-1), 'offline');
  t.equal(ofBob().filter((one) => one === 'offline').length, 1, 'who comes back in time was never gone');
  t.equal(await status(), 'offline');
  await watcher.close();
});
