import t from 'tap';
import type { LoadedConversation } from '../../../../src/core/conversations/loaded-conversation.ts';
import { openTyping } from '../../../../src/core/live/pulses/typing.ts';
import { limits } from '../../../../src/domain/limits.ts';
import type { LiveFeed } from '../../../../src/ports/live-feed.ts';
import { principal } from '../../../kit/servers/core-node.ts';

/** Typing over a clock that the test moves; what was told, in order. */
function opened() {
  const told: string[] = [];
  let nowMs = 0;
  const timers = new Map<() => void, number>();
  const clock = {
    nowMicros: () => nowMs * 1000,
    monotonicMs: () => nowMs,
    after(ms: number, run: () => void) {
      timers.set(run, nowMs + ms);
      return () => void timers.delete(run);
    },
  };
  const live = {
    publishPulse: (_ref: unknown, _kind: string, body: object) =>
      void told.push(`${nowMs} ${(body as { from: string }).from} ${(body as { state: string }).state}`),
  } as unknown as LiveFeed;
  const move = (ms: number): void => {
    for (const end = nowMs + ms; nowMs < end; nowMs += 100) {
      for (const [run, at] of timers) {
        if (at > nowMs) continue;
        timers.delete(run);
        run();
      }
    }
  };
  return { typing: openTyping(live, clock), told, move };
}

const conversation = (id: string) =>
  ({ ref: { tenant: 'acme', service: null, conversation: id } }) as unknown as LoadedConversation;
const [here, there] = [conversation('c1'), conversation('c2')];
const [ada, ben] = [principal('acme', 'ada'), principal('acme', 'ben')];

t.test(
  'who goes on typing is told of once in two seconds, each by itself in each conversation',
  async (t) => {
    const { typing, told, move } = opened();
    for (let n = 0; n < 30; n += 1) {
      typing.start(here, ada);
      if (n === 0) {
        typing.start(here, ben);
        typing.start(there, ada);
      }
      move(100);
    }
    t.same(told, ['0 ada start', '0 ben start', '0 ada start', `${limits.typingFanOutMs} ada start`]);
  },
);

t.test('it ends by itself six seconds after the last sign of it, and at once when said so', async (t) => {
  const { typing, told, move } = opened();
  typing.start(here, ada);
  move(1_000);
  typing.start(here, ada);
  move(limits.typingMs + 100);
  t.same(told, ['0 ada start', `${1_000 + limits.typingMs} ada stop`]);
  typing.start(here, ada);
  typing.stop(here, ada);
  typing.start(here, ada);
  t.same(
    told.slice(2).map((line) => line.split(' ')[2]),
    ['start', 'stop', 'start'],
  );
});
