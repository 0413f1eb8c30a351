import t from 'tap';
import { noTracing } from '../../../src/contract/no-tracing.ts';
import { alreadyAnswered, compileFrames } from '../../../src/contract/sockets/frame.ts';
import { type ConnectionWorld, NativeConnection } from '../../../src/dialects/native/connection.ts';
import { sessionFrames } from '../../../src/dialects/native/session-frames.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { noRateLimits } from '../../kit/hostile/rate-limits.ts';
import { MemorySockets } from '../../kit/memory/memory-sockets.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { principal } from '../../kit/servers/core-node.ts';

/** Of somebody who is known since the handshake. */
function connect(fields: object) {
  const refusals: (string | undefined)[] = [];
  const world = { logger: silentLogger(), node: 'node', rates: noRateLimits, ...fields };
  const peer = Object.assign(new MemorySockets().socket(), {
    principal: principal('acme', 'ada'),
    address: '',
    context: { env: null, dataClass: 'none' as const, policyRef: null },
    identify: () => null,
    tracing: noTracing,
    refused: ({ overload }: Problem) => void refusals.push(overload),
  });
  const connection = new NativeConnection(world as unknown as ConnectionWorld, peer);
  peer.frames.length = 0;
  const send = (frame: object) =>
    connection.onFrame(new TextEncoder().encode(JSON.stringify(frame)).buffer as ArrayBuffer);
  return { peer, frames: peer.frames, refusals, send };
}

const sessions = { begin: (who: object) => ({ principal: who }), end: () => undefined };

/** A socket whose frames are answered when the test says so. */
function socket() {
  const pending: { answer: (result: object) => void; fail: () => void }[] = [];
  const run = (): Promise<object> =>
    new Promise((answer, reject) => void pending.push({ answer, fail: () => reject(new Error('broken')) }));
  const read = (value: { id: string }) => ({
    frame: { op: 'post', reply: {}, run },
    id: value.id,
    fields: {},
  });
  const { frames, refusals, send } = connect({ live: sessions, read });
  return { frames, refusals, pending, send: (id: string) => send({ id }) };
}

t.test('frames beyond the bound are refused at once, until one of those before is answered', async (t) => {
  const { frames, refusals, pending, send } = socket();
  for (let n = 0; n < limits.framesInFlightPerSocketMax; n += 1) send(`frame ${n}`);
  t.same(frames, []);
  send('too many');
  t.match(frames.splice(0), [{ re: 'too many', ok: false, problem: { code: 'overloaded' } }]);
  t.equal(pending.length, limits.framesInFlightPerSocketMax, 'it was not run');
  t.same(refusals, ['frames_of_socket'], 'and it is counted');

  const [answered, silent, failing] = pending;
  answered?.answer({ done: true });
  silent?.answer(alreadyAnswered as unknown as object);
  failing?.fail();
  await new Promise((resolve) => setImmediate(resolve));
  t.match(frames.splice(0), [
    { re: 'frame 0', ok: true, done: true },
    { re: 'frame 2', ok: false, problem: { code: 'internal' } },
  ]);
  for (const id of ['one', 'two', 'three']) send(id);
  t.same(frames, []);
  send('too many again');
  t.match(frames, [{ re: 'too many again', ok: false }]);
});

t.test('hello is answered when what it follows is live: what happens after the answer arrives', async (t) => {
  type Reply = (...refused: readonly (readonly object[])[]) => void;
  const begun: { name: string; reply: Reply; end: (problem: Problem | null) => void }[] = [];
  const begin = (name: string) => (_session: object, _what: object, reply: Reply) =>
    new Promise((end) => void begun.push({ name, reply, end }));
  const live = { ...sessions, followAll: begin('followAll'), open: begin('open') };
  const { peer, frames, send } = connect({ live, read: compileFrames(sessionFrames) });
  const refused = [{ conversation: 'c', problem: new Problem('cursor_expired') }];
  const next = () => new Promise((resolve) => setImmediate(resolve));

  send({ op: 'hello', id: 'all', follow: 'all' });
  send({ op: 'hello', id: 'some', cursors: { '01890000-0000-7000-8000-000000000001': 4 } });
  await next();
  t.same(frames, [], 'neither before it is live');
  for (const { name, reply } of begun) {
    if (name === 'followAll') reply(refused);
    else reply([], refused);
    peer.send(JSON.stringify({ ev: name }));
  }
  const resumed = { ok: false, conversation: 'c', problem: { code: 'cursor_expired' } };
  t.match(frames.splice(0), [
    { re: 'all', ok: true, node: 'node' },
    resumed,
    { ev: 'followAll' },
    { re: 'some', ok: true },
    resumed,
    { ev: 'open' },
  ]);
  for (const { end } of begun.splice(0)) end(null);

  send({ op: 'hello', id: 'in vain', follow: 'all' });
  begun.pop()?.end(new Problem('unavailable'));
  await next();
  t.match(frames.splice(0), [
    { re: 'in vain', ok: true },
    { ok: false, problem: { code: 'unavailable' } },
  ]);
  send({ op: 'hello', id: 'only hello' });
  await next();
  t.match(frames, [{ re: 'only hello', ok: true }], 'with nothing to follow there is nothing to wait for');
  t.equal(begun.length, 0);
});
