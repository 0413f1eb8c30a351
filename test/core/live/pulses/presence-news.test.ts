/** What is told of presence costs the node no more than so much, whoever comes back at once. */
import t from 'tap';
import { openPresenceNews, type ReadersOf } from '../../../../src/core/live/pulses/presence-news.ts';
import type { ConversationRef } from '../../../../src/domain/event.ts';
import { limits } from '../../../../src/domain/limits.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import { principal } from '../../../kit/servers/core-node.ts';

interface Told {
  readonly from: string;
  readonly conversation: string;
  readonly status: string;
}

/** Time stands still but for pass(). */
function world(readersOf: ReadersOf = () => 100) {
  let nowMs = 0;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  const told: Told[] = [];
  const clock: Pick<Clock, 'monotonicMs' | 'after'> = {
    monotonicMs: () => nowMs,
    after(ms, run) {
      const timer = { atMs: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  const live = { publishPulse: (_ref: object, _kind: string, body: object) => void told.push(body as Told) };
  const news = openPresenceNews(live, readersOf, clock);
  return {
    tell: (id: string, refs: readonly ConversationRef[], status = 'online') =>
      news.tell(principal('acme', id), refs, { status }),
    told,
    timers: () => timers.length,
    pass(ms: number) {
      for (const endMs = nowMs + ms; ; ) {
        const next = timers.toSorted((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined || next.atMs > endMs) {
          nowMs = endMs;
          return;
        }
        nowMs = next.atMs;
        timers = timers.filter((one) => one !== next);
        next.run();
      }
    },
  };
}

const refs = (count: number, start = 0): ConversationRef[] =>
  Array.from({ length: count }, (_, at) => ({
    tenant: 'acme',
    service: null,
    conversation: `c${start + at}`,
  }));

t.test('what comes in calm times leaves at once', (t) => {
  const { tell, told, timers } = world();
  tell('ann', refs(10));
  tell('bob', refs(10));
  t.equal(told.length, 20);
  t.equal(timers(), 0, 'nothing is left to do');
  t.end();
});

t.test('thousands who come back at once are told of no faster than the node can bear', (t) => {
  const { tell, told, pass } = world();
  for (let one = 0; one < 150; one += 1) tell(`p${one}`, refs(1_000));
  const readers = (): number => told.length * (100 + limits.presencePulseReaders);
  t.ok(readers() < limits.presenceReadersBurst + 200, `${readers()} readers at once`);
  pass(1_000);
  const most = limits.presenceReadersBurst + limits.presenceReadersPerSec;
  t.ok(readers() > most * 0.9, `${readers()} readers after a second`);
  t.ok(readers() < most * 1.1, `${readers()} readers after a second`);
  t.end();
});

t.test('who has many conversations does not keep others waiting', (t) => {
  const { tell, told, pass } = world();
  tell('crowd', refs(1_000));
  tell('ann', refs(1));
  pass(200);
  t.ok(
    told.some(({ from }) => from === 'ann'),
    'long before the others are through',
  );
  pass(10_000);
  t.equal(told.length, 1_001, 'and nothing is lost');
  t.end();
});

t.test('who comes back with ten sockets while others are told is told of once', (t) => {
  const { tell, told, pass } = world();
  tell('crowd', refs(1_000));
  for (let socket = 0; socket < 10; socket += 1) tell('ann', refs(5));
  pass(10_000);
  t.equal(told.filter(({ from }) => from === 'ann').length, 5);
  t.end();
});

t.test('of two news that wait the newer one is told, wherever one of them was to be', (t) => {
  const { tell, told, pass } = world();
  tell('crowd', refs(1_000));
  tell('ann', refs(2), 'online');
  tell('ann', refs(2, 1), 'offline');
  pass(10_000);
  t.same(
    told.filter(({ from }) => from === 'ann').map(({ conversation, status }) => [conversation, status]),
    [
      ['c0', 'offline'],
      ['c1', 'offline'],
      ['c2', 'offline'],
    ],
  );
  t.end();
});

t.test('one conversation with more readers than the burst is told, and paid for afterwards', (t) => {
  const { tell, told, pass } = world(() => 3 * limits.presenceReadersBurst);
  tell('ann', refs(2));
  t.equal(told.length, 1);
  pass(100);
  t.equal(told.length, 1);
  pass(1_000);
  t.equal(told.length, 2);
  t.end();
});

t.test('what waits is bounded, and nothing is told where its principal is not any more', (t) => {
  const { tell, told, pass } = world(({ conversation }) => (conversation === 'c1' ? null : 100_000));
  tell('first', refs(1));
  for (let one = 0; one <= limits.presenceWaitingMax / 1_000; one += 1) tell(`p${one}`, refs(1_000));
  tell('late', refs(1));
  told.length = 0;
  pass(600_000);
  t.ok(told.length > 0);
  t.notOk(told.some(({ from }) => from === 'late'));
  t.notOk(told.some(({ conversation }) => conversation === 'c1'));
  t.end();
});
