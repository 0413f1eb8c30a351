/** A client that comes back in the middle of a storm, on another node: nothing is missing, nothing comes twice. */
import t from 'tap';
import { makeAgent, signUp } from '../../../../kit/clients/accounts.ts';
import { call } from '../../../../kit/clients/http-client.ts';
import { MessagingClient } from '../../../../kit/clients/messaging-client.ts';
import { until } from '../../../../kit/log-entries.ts';
import { startTwoWholeNodes } from '../../../../kit/servers/two-whole-nodes.ts';

t.setTimeout(120_000);
const { one, two } = await startTwoWholeNodes(t);
const ann = await signUp(one, 'ann');
const robot = await makeAgent(one, ann);
const made = await call(one, 'POST', '/api/conversations', {
  token: ann.token,
  body: { type: 'group', name: 'Storm', participants: [{ userId: robot.id, userType: 'agent' }] },
});
const conversation: string = made.body.id;
const machine = await MessagingClient.connect(two, robot.token);
let posted = 0;

/** Some messages more; answers when they are stored. */
async function post(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    posted += 1;
    const body = { content_text: `${posted}`, client_message_id: `s-${posted}` };
    machine.send({ action: 'send', conversation_id: conversation, ...body });
  }
  const last = `s-${posted}`;
  await machine.find((frame) => frame['type'] === 'ack' && frame['ref'] === last);
}

const resumeFrom = (seq: number): object => ({
  action: 'resume',
  conversations: [{ conversation_id: conversation, last_seq: seq }],
});
const seqsOf = (client: MessagingClient): number[] =>
  client.events('message.created').map(({ seq_num }) => seq_num as number);

t.test('resume has no hole and no duplicate while others post', async (t) => {
  let [lastSeq, isOver] = [0, false];
  let reader: MessagingClient | null = null;
  const storm = (async () => {
    while (!isOver) {
      // Never so far ahead that a resume would leave the rest to sync.
      await until(() => isOver || posted - ((reader && seqsOf(reader).at(-1)) ?? lastSeq) < 100, 60_000);
      await post(5);
    }
  })();
  for (let round = 0; round < 6; round += 1) {
    const client = await MessagingClient.connect(round % 2 === 0 ? one : two, ann.token);
    reader = client;
    const resumed = await client.ask(resumeFrom(lastSeq), 'resumed');
    const [told] = resumed['payload'].conversations;
    t.equal(told.has_more, false);
    await client.event('message.created', ({ seq_num }) => seq_num >= told.current_seq + 20);
    await client.close();
    const seqs = seqsOf(client);
    const expected = seqs.map((_, at) => lastSeq + 1 + at);
    t.same(seqs, expected, `from ${lastSeq} on without a hole`);
    lastSeq = seqs.at(-1) ?? lastSeq;
    reader = null;
  }
  isOver = true;
  await storm;
});

t.test('more than is replayed at once is left to sync, and what was told is not told again', async (t) => {
  await post(Math.max(5, 300 - posted));
  const client = await MessagingClient.connect(one, ann.token);
  const first = await client.ask(resumeFrom(50), 'resumed');
  t.match(first, {
    payload: { conversations: [{ conversation_id: conversation, current_seq: posted, has_more: true }] },
  });
  t.equal(seqsOf(client).length, 200);
  t.equal(seqsOf(client)[0], 51);
  await post(1);
  await client.event('message.created', ({ seq_num }) => seq_num === posted);
  const again = await client.ask(resumeFrom(posted - 1), 'resumed');
  t.match(again, { payload: { conversations: [{ current_seq: posted, has_more: false }] } });
  t.equal(seqsOf(client).filter((seq) => seq === posted).length, 1);
  await client.close();
});

t.test('nothing comes twice on one socket, however often it resumes', async (t) => {
  await post(Math.max(5, 300 - posted));
  const client = await MessagingClient.connect(two, ann.token);
  const resume = async (seq: number): Promise<number[]> => {
    const from = client.frames.length;
    await client.ask(resumeFrom(seq), 'resumed');
    return client.frames
      .slice(from)
      .filter(({ type, payload }) => type === 'event' && payload.type === 'message.created')
      .map(({ payload }) => payload.payload.seq_num);
  };
  const between = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, at) => from + at);
  t.same(await resume(posted - 10), between(posted - 9, posted));
  t.same(await resume(posted - 10), [], 'the same again');
  t.same(await resume(posted - 15), between(posted - 14, posted - 10), 'what lies before');
  await post(1);
  await client.event('message.created', ({ seq_num }) => seq_num === posted);
  t.same(await resume(0), between(1, 200), 'a page that ends before');
  t.same(await resume(200), between(201, posted - 16), 'what lies between');
  t.same(await resume(0), []);
  await client.ask({ action: 'unsubscribe', conversation_ids: [conversation] }, 'unsubscribed');
  t.same(await resume(posted - 1), [posted], 'whoever stopped begins anew');
  await client.close();
  await machine.close();
});
