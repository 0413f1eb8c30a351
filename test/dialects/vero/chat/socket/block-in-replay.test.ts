/** Whoever blocks somebody while a socket is told what it missed: from then on that one is not told of. */
import t from 'tap';
import { MessagingClient } from '../../../../kit/clients/messaging-client.ts';
import { startChat } from '../stage.ts';

t.setTimeout(120_000);

t.test('a block counts at once, also for the rest of a replay', async (t) => {
  const { node, ann, bob, robot, ask, group } = await startChat(t);
  const conversation = await group(bob, robot);
  const count = 80;
  for (let n = 1; n <= count; n += 1) {
    // Larger than Vero's own may be: together more than kernels keep for who does not read.
    const content = 'x'.repeat(250_000);
    const posted = await ask(bob, `POST /api/conversations/${conversation}/messages`, { content });
    t.equal(posted.status, 201);
  }
  await ask(robot, `POST /api/conversations/${conversation}/messages`, { content: 'last' });

  const client = await MessagingClient.connect(node, ann.token);
  const first = client.event('message.created');
  client.send({ action: 'resume', conversations: [{ conversation_id: conversation, last_seq: 0 }] });
  await first;
  client.socket.pause();
  t.equal((await ask(ann, `POST /v1/chat/users/${bob.id}/block`)).status, 200);
  client.socket.resume();
  await client.find(({ type }) => type === 'resumed');

  const blockedAt = client.frames.findIndex(({ payload }) => payload?.type === 'user.blocked');
  t.ok(blockedAt > 0, 'it is told between two messages');
  const created = (from: number, to: number): string[] =>
    client.frames
      .slice(from, to)
      .filter(({ payload }) => payload?.type === 'message.created')
      .map(({ payload }) => payload.payload.message.sender_id);
  const before = created(0, blockedAt).length;
  t.ok(before > 0 && before < count, `${before} of ${count} were told before`);
  t.same(created(blockedAt, client.frames.length), [robot.id], 'of others all that is left');
  await client.close();
});
