import t from 'tap';
import { alreadyAnswered } from '../../../src/contract/frame.ts';
import { type ConnectionWorld, NativeConnection } from '../../../src/dialects/native/connection.ts';
import { limits } from '../../../src/domain/limits.ts';
import { noRateLimits } from '../../kit/hostile/rate-limits.ts';
import { MemorySockets } from '../../kit/memory/memory-sockets.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { principal } from '../../kit/servers/core-node.ts';

/** A socket whose frames are answered when the test says so. */
function socket() {
  const pending: { answer: (result: object) => void; fail: () => void }[] = [];
  const run = (): Promise<object> =>
    new Promise((answer, reject) => void pending.push({ answer, fail: () => reject(new Error('broken')) }));
  const world = {
    live: { begin: (who: object) => ({ principal: who }), end: () => undefined },
    logger: silentLogger(),
    node: 'node',
    rates: noRateLimits,
    read: (value: { id: string }) => ({ frame: { op: 'post', reply: {}, run }, id: value.id, fields: {} }),
  };
  const peer = Object.assign(new MemorySockets().socket(), {
    principal: principal('acme', 'ada'),
    address: '',
    context: { env: null, dataClass: 'none' as const, policyRef: null },
    identify: () => null,
  });
  const connection = new NativeConnection(world as unknown as ConnectionWorld, peer);
  peer.frames.length = 0;
  return {
    frames: peer.frames,
    pending,
    send: (id: string) => connection.onFrame(new TextEncoder().encode(JSON.stringify({ id })).buffer),
  };
}

t.test('frames beyond the bound are refused at once, until one of those before is answered', async (t) => {
  const { frames, pending, send } = socket();
  for (let n = 0; n < limits.framesInFlightPerSocketMax; n += 1) send(`frame ${n}`);
  t.same(frames, []);
  send('too many');
  t.match(frames.splice(0), [{ re: 'too many', ok: false, problem: { code: 'overloaded' } }]);
  t.equal(pending.length, limits.framesInFlightPerSocketMax, 'it was not run');

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
