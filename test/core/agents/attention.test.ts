import t from 'tap';
import { Attention } from '../../../src/core/agents/attention.ts';

const own = { run: 'run', agent: 'bot', seq: 1 };
const clock = { after: () => () => undefined };

function node() {
  const [draining, closing] = [new AbortController(), new AbortController()];
  return { draining, closing, signals: { draining: draining.signal, signal: closing.signal } };
}

t.test('it is aborted when the node closes, also when that was before it began to listen', async (t) => {
  const { closing, signals } = node();
  const before = new Attention(own, signals, clock);
  t.equal(before.signal.aborted, false);
  closing.abort();
  t.equal(before.signal.aborted, true);
  t.equal(new Attention(own, signals, clock).signal.aborted, true);
});

t.test('a node that drains ends its patience and no run', async (t) => {
  const { draining, signals } = node();
  const before = new Attention(own, signals, clock);
  draining.abort();
  t.same([before.patience.aborted, before.signal.aborted], [true, false]);
  const after = new Attention(own, signals, clock);
  t.same([after.patience.aborted, after.signal.aborted], [true, false]);
  await after.untilFree();
});

t.test('what ends a run ends the wait for a place, too', async (t) => {
  const attention = new Attention(own, node().signals, clock);
  attention.halt();
  t.same([attention.patience.aborted, attention.signal.aborted], [true, true]);
});
