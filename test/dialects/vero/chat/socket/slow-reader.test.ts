/** Who does not read is closed with 4408, comes back, and has missed nothing; nobody else waits for it. */
import t from 'tap';
import { call } from '../../../../kit/clients/http-client.ts';
import { MessagingClient } from '../../../../kit/clients/messaging-client.ts';
import { startChat } from '../stage.ts';

t.setTimeout(120_000);

t.test('a slow reader is closed, and resumes without a loss', async (t) => {
  const { node, ann, bob, group } = await startChat(t);
  const conversation = await group(bob);
  const [slow, other, writer] = [
    await MessagingClient.connect(node, ann.token),
    await MessagingClient.connect(node, ann.token),
    await MessagingClient.connect(node, bob.token),
  ];
  for (const client of [slow, other]) await client.subscribe(conversation);
  slow.socket.pause();
  // As large as a message may be: 56 KB each, of which the kernel keeps some megabytes for who does not read.
  const large = { content_text: '🚢'.repeat(10_000), content_meta: 'm'.repeat(16_000) };
  const count = 400;
  const seqsOf = (client: MessagingClient): number[] =>
    client.events('message.created').map(({ seq_num }) => seq_num as number);
  const hasClosedIt = async (): Promise<boolean> =>
    /^parley_slow_consumers\S* [1-9]/m.test(String((await call(node, 'GET', '/metrics')).body));
  let isClosed = false;
  for (let n = 1; n <= count; n += 1) {
    const id = `s-${n}`;
    writer.send({ action: 'send', conversation_id: conversation, client_message_id: id, ...large });
    await writer.find(({ type, ref }) => type === 'ack' && ref === id, { from: writer.frames.length });
    await other.event('message.created', ({ seq_num }) => seq_num === n);
    if (isClosed || n % 10 > 0) continue;
    isClosed = await hasClosedIt();
    // What it was sent, and why it was closed, is kept for it only some seconds: a slow machine needs more for the rest.
    if (isClosed) slow.socket.resume();
  }
  t.ok(isClosed);
  t.equal((await slow.closed).code, 4408);
  const told = seqsOf(slow);
  t.ok(told.length < count, `${told.length} of ${count} were told`);

  const back = await MessagingClient.connect(node, ann.token);
  for (let hasMore = true; hasMore; ) {
    const lastSeq = told.at(-1) ?? 0;
    const from = { action: 'resume', conversations: [{ conversation_id: conversation, last_seq: lastSeq }] };
    const known = seqsOf(back).length;
    hasMore = (await back.ask(from, 'resumed'))['payload'].conversations[0].has_more;
    told.push(...seqsOf(back).slice(known));
  }
  t.same(
    told,
    Array.from({ length: count }, (_, index) => index + 1),
    'each once, in order',
  );
  t.same(seqsOf(other), told);
  for (const client of [back, other, writer]) await client.close();
});
