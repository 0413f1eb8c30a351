import t from 'tap';
import { WebhookShare } from '../../../src/core/webhooks/webhook-share.ts';
import { limits } from '../../../src/domain/limits.ts';

const ids = Array.from(
  { length: 2_000 },
  (_, at) => `00000000-0000-7000-8000-${at.toString(16).padStart(12, '0')}`,
);

/** Nodes that hear each other, and a clock that a test moves; a killed one says nothing any more. */
function deployment() {
  const listeners = new Map<string, (body: unknown) => void>();
  const timers = new Map<string, { readonly atMs: number; readonly run: () => void }>();
  let nowMs = 0;
  function join(node: string) {
    const changes = { count: 0 };
    const share = new WebhookShare({
      link: {
        node,
        tell(_kind, body) {
          for (const run of [...listeners.values()]) run(body);
        },
        onTell: (_kind, run) => void listeners.set(node, run),
      },
      clock: {
        monotonicMs: () => nowMs,
        after(ms, run) {
          timers.set(node, { atMs: nowMs + ms, run });
          return () => timers.delete(node);
        },
      },
      onChange: () => {
        changes.count += 1;
      },
    });
    const mine = (): readonly string[] => ids.filter((id) => share.isMine({ id }));
    return { share, changes, mine, hear: (body: unknown) => listeners.get(node)?.(body) };
  }
  function kill(node: string): void {
    listeners.delete(node);
    timers.delete(node);
  }
  function pass(ms: number): void {
    for (const untilMs = nowMs + ms; nowMs < untilMs; ) {
      nowMs += 100;
      for (const { atMs, run } of [...timers.values()]) if (atMs <= nowMs) run();
    }
  }
  return { join, kill, pass };
}

t.test('who is alone has all; several have each about as many, and each has one node', (t) => {
  const { join } = deployment();
  const nodes = ['a', 'b', 'c', 'd'].map(join);
  t.equal(nodes[0]?.mine().length, ids.length, 'nobody is ready yet');
  for (const { share } of nodes) share.ready();
  const shares = nodes.map(({ mine }) => mine());
  t.same(shares.flat().toSorted(), ids);
  for (const share of shares) t.ok(share.length > 400 && share.length < 600, `${share.length} of 2,000`);
  t.end();
});

t.test('who comes takes of each, and who leaves leaves it to all: nothing else moves', (t) => {
  const { join } = deployment();
  const [a, b] = [join('a'), join('b')];
  for (const { share } of [a, b]) share.ready();
  const before = a.mine();
  const c = join('c');
  t.same(a.mine(), before, 'it does not know the endpoints yet');
  c.share.ready();
  t.same(
    a.mine().filter((id) => !before.includes(id)),
    [],
  );
  t.ok(a.mine().length < before.length && c.mine().length > 500);
  const changes = a.changes.count;
  c.share.close();
  t.same(a.mine(), before);
  t.equal(a.changes.count, changes + 1);
  c.share.ready();
  t.same(a.mine(), before, 'it has left');
  t.end();
});

t.test('a killed one is done without after five seconds', (t) => {
  const { join, kill, pass } = deployment();
  const [a, b] = [join('a'), join('b')];
  for (const { share } of [a, b]) share.ready();
  pass(60_000);
  t.not(a.mine().length, ids.length, 'it says again and again that it is there');
  kill('b');
  pass(limits.projectorSilentMs - limits.projectorHereMs);
  t.not(a.mine().length, ids.length);
  const changes = a.changes.count;
  pass(2 * limits.projectorHereMs);
  t.equal(a.mine().length, ids.length);
  t.equal(a.changes.count, changes + 1);
  a.share.close();
  t.end();
});

t.test('what is no such word is passed over, and there is a bound', (t) => {
  const { join } = deployment();
  const a = join('a');
  for (const body of [null, 7, {}, { node: 3, isReady: true }, { node: 'a', isReady: true }]) a.hear(body);
  t.equal(a.mine().length, ids.length);
  for (let at = 0; at < limits.projectorsKnownMax; at += 1) a.hear({ node: `n${at}`, isReady: false });
  a.hear({ node: 'one too many', isReady: true });
  t.equal(a.mine().length, ids.length);
  t.end();
});
