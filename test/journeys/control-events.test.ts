/** Control events control: the table of common.md, row by row, over REST, Socket.IO, the native socket and NATS. */
import { randomUUID } from 'node:crypto';
import t, { type Test } from 'tap';
import type { Event } from '../../src/domain/event.ts';
import { type KeyHolder, makeAgent, makeService, signUp, signUpInto } from '../kit/clients/accounts.ts';
import type { Heard } from '../kit/clients/event-client.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { connectAs } from '../kit/clients/nats-client.ts';
import { group, type SymbiaClient, symbia, symbiaClient } from '../kit/clients/symbia-client.ts';
import { until } from '../kit/log-entries.ts';
import { startTwoWholeNodes } from '../kit/servers/two-whole-nodes.ts';

t.setTimeout(120_000);

const { one, two, nats } = await startTwoWholeNodes(t);
const ann = await signUp(one, 'ann');
const bob = await signUpInto(one, ann, 'bob');
const [iris, otto] = [await makeAgent(one, ann, 'iris'), await makeAgent(one, ann, 'otto')];

/** What a service that follows the tenant's control events on NATS got. */
const onNats: Event[] = [];
const { connection } = await connectAs(t, nats, await makeService(one, ann));
connection.subscribe(`live.${ann.tenant}.*.*.control`, {
  callback: (_error, message) => void onNats.push(message.json()),
});
await connection.flush();

/** One principal at all three doors. */
interface Voice {
  readonly id: string;
  readonly socket: SymbiaClient;
  readonly native: NativeClient;
  /** Posts through each door; `ok`, or what it is refused with, in the order REST, Socket.IO, native. */
  speak(conversation: string, fields?: Speech): Promise<string[]>;
}
type Speech = { readonly runId?: string; readonly priority?: string };

async function voice(who: { readonly id: string; readonly token: string }): Promise<Voice> {
  const socket = await symbiaClient(t, two, who);
  const native = await NativeClient.connect(one, who.token);
  t.teardown(() => native.socket.close());
  return {
    ...{ id: who.id, socket, native },
    async speak(conversation, { runId, priority } = {}) {
      const message = { content: 'a word', ...(runId && { runId }), ...(priority && { priority }) };
      const { status, body } = await call(two, 'POST', `/api/conversations/${conversation}/messages`, {
        token: who.token,
        body: message,
      });
      const sent = await socket.ask('message:send', { ...message, conversationId: conversation });
      const frame = {
        conversation,
        content: 'a word',
        ...(runId && { run: runId }),
        ...(priority && { priority }),
      };
      const posted = await native.ask('post', frame);
      const codes: Record<string, string> = {
        conversation_paused: 'The conversation is paused for agents.',
        run_preempted: 'This run was preempted or cancelled.',
        not_your_turn: 'Another agent has the floor.',
      };
      return [
        status === 201 ? 'ok' : `${status} ${body.error}`.replace('409 ', ''),
        sent.success ? 'ok' : sent.error,
        posted['ok'] ? 'ok' : (codes[posted['problem'].code] ?? posted['problem'].code),
      ];
    },
  };
}

const [annVoice, bobVoice] = [await voice(ann), await voice(bob)];
const [irisVoice, ottoVoice] = [await voice(iris), await voice(otto)];
const allowed = ['ok', 'ok', 'ok'];
const each = (sentence: string): string[] => [sentence, sentence, sentence];
const paused = each('The conversation is paused for agents.');
const stopped = each('This run was preempted or cancelled.');
const notTheirTurn = each('Another agent has the floor.');

const harbour = (): Promise<string> => group(one, ann, bob.id, iris.id, otto.id);

const stateOf = async (conversation: string): Promise<Heard['argument']> =>
  (await annVoice.native.ask('open', { conversation }))['conversations'][0].state;

type By = 'rest' | 'socket';

/** Sends a control event through one door and proves that everybody sees it: by its own name, and only so. */
async function control(
  t: Test,
  conversationId: string,
  fields: { readonly event: string } & Record<string, unknown>,
  by: By,
  who = { voice: annVoice, token: ann.token },
): Promise<void> {
  await annVoice.native.ask('open', { conversation: conversationId });
  const row =
    by === 'rest'
      ? await symbia(one, who, 'POST', `/${conversationId}/control`, fields)
      : (await who.voice.socket.ask('control:send', { conversationId, ...fields })).control;
  const listening = [annVoice, bobVoice, irisVoice, ottoVoice].map(({ socket }) => socket);
  for (const socket of listening) {
    await until(() => socket.heard(fields.event).some((one) => one.effectiveAt === row.created_at));
    const told = socket.heard(fields.event).filter((one) => one.effectiveAt === row.created_at);
    t.strictSame(told, [row.metadata.control], `${fields.event} on the socket`);
    const rows = socket.heard('message:new').filter(({ id }) => id === row.id);
    t.strictSame(rows, [], 'no message:new comes with it');
  }
  const history = await symbia(two, { token: bob.token }, 'GET', `/${conversationId}/messages?order=desc`);
  const stored = history.find((one: { id: string }) => one.id === row.id);
  t.strictSame(stored, row, `${fields.event} in REST history`);
  await until(() => onNats.some(({ id }) => id === row.id));
  const native = await annVoice.native.find(({ ev }) => ev?.id === row.id);
  t.strictSame(
    native['ev'],
    onNats.find(({ id }) => id === row.id),
    'the same event on both live doors',
  );
}

for (const by of ['socket', 'rest'] as const) {
  t.test(`stream.pause and stream.resume by ${by}`, async (t) => {
    const id = await harbour();
    await control(t, id, { event: 'stream.pause', reason: 'lunch' }, by);
    t.same(await irisVoice.speak(id), paused);
    t.same(await irisVoice.speak(id, { priority: 'high' }), paused);
    t.same(await irisVoice.speak(id, { priority: 'critical' }), allowed);
    t.same(await bobVoice.speak(id), allowed, 'people still may');
    t.match(await stateOf(id), { paused: { by: ann.id, reason: 'lunch' } });
    const run = randomUUID();
    const delta = { conversation: id, message_id: randomUUID(), run, index: 0, text: 'to' };
    irisVoice.native.send({ op: 'delta', id: run, ...delta });
    const refused = await irisVoice.native.find((frame) => frame['re'] === run);
    t.match(refused, { ok: false, problem: { code: 'conversation_paused' } }, 'nor may they stream');
    await control(t, id, { event: 'stream.resume' }, by);
    t.same(await irisVoice.speak(id), allowed);
    t.match(await stateOf(id), { paused: null });
  });

  t.test(`stream.preempt and stream.cancel by ${by}`, async (t) => {
    for (const [event, how] of [
      ['stream.preempt', 'preempted'],
      ['stream.cancel', 'cancelled'],
    ] as const) {
      const id = await harbour();
      const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
      t.same(await irisVoice.speak(id, { runId: first }), allowed);
      t.same(await ottoVoice.speak(id, { runId: second }), allowed);
      await control(t, id, { event, runId: first }, by);
      t.same(await irisVoice.speak(id, { runId: first }), stopped);
      t.same(await irisVoice.speak(id, { runId: first, priority: 'critical' }), stopped);
      t.same(await ottoVoice.speak(id, { runId: second }), allowed);
      await control(t, id, { event, target: { principalId: otto.id, principalType: 'agent' } }, by);
      t.same(await ottoVoice.speak(id, { runId: second }), stopped, 'every open run of the target');
      t.same(await ottoVoice.speak(id, { runId: third }), allowed, 'a new run begins');
      t.match(await stateOf(id), { runs: { [first]: how, [second]: how, [third]: 'open' } });
    }
  });

  t.test(`stream.preempt by ${by} ends a streamed message with what was seen of it`, async (t) => {
    const id = await harbour();
    const [run, messageId] = [randomUUID(), randomUUID()];
    await irisVoice.native.ask('open', { conversation: id });
    await annVoice.native.ask('open', { conversation: id });
    for (const [index, text] of ['once ', 'upon '].entries())
      irisVoice.native.send({ op: 'delta', conversation: id, message_id: messageId, run, index, text });
    await annVoice.native.find(({ delta }) => delta?.message_id === messageId && delta.index === 1);
    await control(t, id, { event: 'stream.preempt', runId: run, preemptedBy: bob.id }, by);
    const seen = () => bobVoice.socket.heard('message:new').find((row) => row.id === messageId);
    await until(() => seen() !== undefined);
    t.match(seen(), { content: 'once upon ', sender_id: iris.id, run_id: run, preempted_by: bob.id });
    const delta = { conversation: id, message_id: messageId, run, index: 2, text: 'a time' };
    irisVoice.native.send({ op: 'delta', id: run, ...delta });
    const refused = await irisVoice.native.find((frame) => frame['re'] === run);
    t.match(refused, { ok: false, problem: { code: 'run_preempted' } });
  });

  t.test(`stream.route and stream.handoff by ${by}`, async (t) => {
    const id = await harbour();
    await control(t, id, { event: 'stream.route', target: iris.id }, by);
    t.same(await irisVoice.speak(id), allowed);
    t.same(await ottoVoice.speak(id), notTheirTurn);
    t.same(await ottoVoice.speak(id, { priority: 'critical' }), notTheirTurn);
    t.same(await bobVoice.speak(id), allowed);
    t.match(await stateOf(id), { floor: iris.id });
    const asIris = { voice: irisVoice, token: iris.token };
    await control(t, id, { event: 'stream.handoff', target: { principalId: otto.id } }, by, asIris);
    t.same(await ottoVoice.speak(id), allowed);
    t.same(await irisVoice.speak(id), notTheirTurn);
    await t.rejects(control(t, id, { event: 'stream.handoff', target: iris.id }, 'rest', asIris), /403/);
    await control(t, id, { event: 'stream.route', target: null }, by);
    t.same(await irisVoice.speak(id), allowed);
    t.match(await stateOf(id), { floor: null });
  });

  t.test(`stream.priority by ${by}`, async (t) => {
    const id = await harbour();
    const runId = randomUUID();
    const priorities = async (): Promise<string[]> => {
      await irisVoice.speak(id);
      await irisVoice.speak(id, { runId });
      const rows = await symbia(two, ann, 'GET', `/${id}/messages?order=desc&limit=6`);
      return rows.map((row: { priority: string }) => row.priority).toReversed();
    };
    await control(t, id, { event: 'stream.priority', priority: 'low' }, by);
    t.same(await priorities(), ['low', 'low', 'low', 'low', 'low', 'low']);
    await control(t, id, { event: 'stream.priority', runId, metadata: { priority: 'critical' } }, by);
    t.same(await priorities(), ['low', 'low', 'low', 'critical', 'critical', 'critical']);
    t.match(await stateOf(id), { priority: 'low' });
  });

  t.test(`x.<name> by ${by} is recorded, delivered and without effect`, async (t) => {
    const id = await harbour();
    await control(t, id, { event: 'x.lunch', reason: 'noon', metadata: { a: 1 }, traceId: 'trace' }, by);
    t.same(await irisVoice.speak(id), allowed);
    t.match(await stateOf(id), { paused: null, floor: null, priority: null });
  });
}

t.test('names that are none are refused, and a forged one reaches nobody', async (t) => {
  const id = await harbour();
  const before = bobVoice.socket.all.length;
  for (const event of [
    'message:new',
    'message:deleted',
    'disconnect',
    'stream.stop',
    'x.',
    'pause',
    '__proto__',
  ]) {
    const answer = await call(one, 'POST', `/api/conversations/${id}/control`, {
      token: ann.token,
      body: { event },
    });
    t.equal(answer.status, 400, event);
    t.match(await annVoice.socket.ask('control:send', { conversationId: id, event }), {
      success: false,
      error: 'There is no such control event.',
    });
  }
  await annVoice.socket.ask('message:send', { conversationId: id, content: 'the end' });
  await until(() => bobVoice.socket.heard('message:new').at(-1)?.content === 'the end');
  // What was said elsewhere before may arrive only now.
  const isOfOthers = ({ conversation_id: of = id }: Heard['argument']): boolean => of !== id;
  const since = bobVoice.socket.all
    .slice(before)
    .filter(({ name, argument }) => name.startsWith('message:') && !isOfOthers(argument));
  t.same(
    since.map(({ argument }) => argument.content),
    ['the end'],
  );
});

t.test('members may send none of them, and each scope opens its own', async (t) => {
  const id = await harbour();
  const holder = async (scopes: readonly string[]): Promise<KeyHolder> => {
    const made = await makeService(one, ann, { scopes });
    await symbia(one, ann, 'POST', `/${id}/participants`, { userId: made.id });
    return made;
  };
  const interrupting = [
    'stream.pause',
    'stream.resume',
    'stream.preempt',
    'stream.cancel',
    'stream.priority',
    'x.a',
  ];
  const routing = ['stream.route', 'stream.handoff'];
  const callers: [{ readonly id: string; readonly token: string }, readonly string[]][] = [
    [bob, []],
    [iris, []],
    [await holder(['cap:messaging.interrupt']), interrupting],
    [await holder(['cap:messaging.route']), routing],
  ];
  for (const [caller, open] of callers) {
    const socket = await symbiaClient(t, two, caller);
    for (const event of [...interrupting, ...routing]) {
      const fields = { event, target: otto.id, priority: 'normal' };
      const answer = await call(one, 'POST', `/api/conversations/${id}/control`, {
        token: caller.token,
        body: fields,
      });
      const ack = await socket.ask('control:send', { conversationId: id, ...fields });
      t.equal(answer.status, open.includes(event) ? 201 : 403, `${event} over REST`);
      t.equal(ack.success, open.includes(event), `${event} on the socket`);
      if (!ack.success) t.equal(ack.error, 'Not authorized to send control events');
    }
  }
});

t.test('a retry of what was taken before a pause is answered with it', async (t) => {
  const id = await harbour();
  const message = { conversationId: id, content: 'before', id: randomUUID() };
  const first = await irisVoice.socket.ask('message:send', message);
  await control(t, id, { event: 'stream.pause' }, 'socket');
  t.strictSame(await irisVoice.socket.ask('message:send', message), first);
  t.same(await irisVoice.speak(id), paused);
});

t.test('a pause and posts of the same instant, on two nodes, have one order', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const id = await harbour();
    const posts = Array.from({ length: 8 }, (_, n) =>
      n % 2 === 0
        ? irisVoice.socket.ask('message:send', { conversationId: id, content: `${n}` })
        : irisVoice.native.ask('post', { conversation: id, content: `${n}` }),
    );
    const pause = annVoice.socket.ask('control:send', { conversationId: id, event: 'stream.pause' });
    const [{ control: row }, ...answers] = await Promise.all([pause, ...posts]);
    const rows: { sequence: number; sender_id: string }[] = await symbia(one, ann, 'GET', `/${id}/messages`);
    const taken = answers.filter((answer) => answer.success === true || answer['ok'] === true).length;
    t.equal(rows.length, taken + 1, 'what was taken is there, and nothing else');
    t.notOk(rows.some((one) => one.sender_id === iris.id && one.sequence > row.sequence));
  }
});
