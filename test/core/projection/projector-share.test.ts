import t from 'tap';
import { ProjectorShare } from '../../../src/core/projection/projector-share.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { NodeLink } from '../../../src/ports/node-link.ts';

/** Processes that hear each other at once, on a clock that only the test moves. */
function deployment(partitions: number) {
  let nowMs = 0;
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  const clock: Pick<Clock, 'monotonicMs' | 'after'> = {
    monotonicMs: () => nowMs,
    after(ms, run) {
      const timer = { atMs: nowMs + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const ears = new Map<string, (body: unknown) => void>();
  const silent = new Set<string>();

  function join(node: string, opens = true) {
    let open: readonly number[] = [];
    let changes = 0;
    const link: Pick<NodeLink, 'node' | 'tell' | 'onTell'> = {
      node,
      tell(_kind, body) {
        if (silent.has(node)) return;
        for (const hear of [...ears.values()]) hear(JSON.parse(JSON.stringify(body)));
      },
      onTell: (_kind, run) => void ears.set(node, run),
    };
    const share = new ProjectorShare({
      ...{ link: link as NodeLink, clock: clock as Clock, partitions },
      open: () => open,
      onLook: () => {
        changes += 1;
      },
    });
    const mine = (): number[] => {
      const now = [...share.mine()];
      if (opens) open = now;
      return now;
    };
    return { mine, share, changes: () => changes, vanish: () => void silent.add(node) };
  }

  function pass(ms: number): void {
    const endMs = nowMs + ms;
    for (;;) {
      const next = [...timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      timers.delete(next);
      nowMs = next.atMs;
      next.run();
    }
    nowMs = endMs;
  }
  const say = (body: object | null): void => {
    for (const hear of [...ears.values()]) hear(body);
  };
  return { join, pass, say };
}

t.test('who is alone offers for all; who joins gets its share at once', async (t) => {
  const { join } = deployment(4);
  const a = join('a');
  t.same(a.mine(), [0, 1, 2, 3]);
  const b = join('b');
  t.same(
    [a.mine(), b.mine()],
    [
      [0, 2],
      [1, 3],
    ],
  );
  t.ok(a.changes() >= 2, 'the first one looks again');
  const c = join('c');
  t.same([a.mine(), b.mine(), c.mine()], [[0, 3], [1], [2]]);
});

t.test('more processes than partitions: some have none, each partition has one', async (t) => {
  const { join } = deployment(2);
  const all = ['d', 'b', 'a', 'c'].map((node) => join(node));
  t.same(all.flatMap(({ mine }) => mine()).sort(), [0, 1]);
});

t.test('who leaves is done without at once, who vanishes after a while', async (t) => {
  const { join, pass } = deployment(4);
  const [a, b, c] = [join('a'), join('b'), join('c')];
  for (const one of [a, b, c]) one.mine();
  b.share.leave();
  t.same(
    [a.mine(), c.mine()],
    [
      [0, 2],
      [1, 3],
    ],
  );
  c.vanish();
  pass(limits.projectorSilentMs - 1);
  t.same(a.mine(), [0, 2], 'it may be slow');
  pass(limits.projectorHereMs + 1);
  t.same(a.mine(), [0, 1, 2, 3]);
});

t.test('a partition that nobody takes up although it is their turn is offered for by all', async (t) => {
  const { join, pass } = deployment(2);
  const [a, b] = [join('a'), join('b', false)];
  t.same([a.mine(), b.mine()], [[0], [1]]);
  pass(limits.projectorMissingMs);
  t.same(a.mine(), [0]);
  pass(limits.projectorHereMs);
  t.same(a.mine(), [0, 1]);
});

t.test('what is no announcement of ours is passed over', async (t) => {
  const { join, say } = deployment(2);
  const a = join('a');
  for (const body of [null, {}, { node: 7, open: [] }, { node: 'x' }, { node: 'a', open: [0] }]) say(body);
  t.same(a.mine(), [0, 1]);
  say({ node: 'b', open: [], isLeaving: false });
  t.same(a.mine(), [0]);
});
