import t from 'tap';
import { Attention } from '../../../src/core/agents/attention.ts';

const own = { run: 'run', agent: 'bot', seq: 1 };
const clock = { after: () => () => undefined };

t.test('it is aborted when the node closes, also when that was before it began to listen', async (t) => {
  const closing = new AbortController();
  const before = new Attention(own, closing.signal, clock);
  t.equal(before.signal.aborted, false);
  closing.abort();
  t.equal(before.signal.aborted, true);
  t.equal(new Attention(own, closing.signal, clock).signal.aborted, true);
});
