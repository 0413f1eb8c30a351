/** Two nodes want one conversation at once: nobody starves, nothing is lost or doubled. */
import t from 'tap';
import { must } from '../kit/clients/reader.ts';
import { post } from '../kit/memory/memory-commands.ts';
import type { CoreNode } from '../kit/servers/core-node.ts';
import { startTwoNodes } from '../kit/servers/two-nodes.ts';

t.setTimeout(120_000);
const { here, there, owner, one, conversation, send, stored } = await startTwoNodes(t);

interface Post {
  readonly node: CoreNode;
  readonly text: string;
  readonly position: number;
  readonly ms: number;
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0;

t.test('four senders on each of two nodes: each node gets at least a third of the posts', async (t) => {
  const total = 2_000;
  const people = ['ben', 'cleo', 'dan', 'eve'].map((id) => one(id));
  const id = await conversation(...people);
  const posts: Post[] = [];
  let left = total;
  const line = async (node: CoreNode, index: number): Promise<void> => {
    const who = index === 0 ? owner : people[index - 1]!;
    for (let n = 0; left > 0; n += 1) {
      left -= 1;
      const text = `${node === here ? 'here' : 'there'} ${index} ${n}`;
      const startedMs = performance.now();
      const outcome = must(await send(node, who, id, post(text, { clientId: text })));
      posts.push({
        node,
        text,
        position: outcome.events[0]?.position ?? 0,
        ms: performance.now() - startedMs,
      });
    }
  };
  const startedMs = performance.now();
  await Promise.all([here, there].flatMap((node) => [0, 1, 2, 3].map((index) => line(node, index))));
  const seconds = (performance.now() - startedMs) / 1000;
  for (const node of [here, there]) {
    const own = posts.filter((one) => one.node === node);
    const times = own.map((one) => one.ms);
    const { appendConflicts, forwards } = node.metrics;
    t.comment(
      `${own.length} posts, p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms, ` +
        `${appendConflicts.total} conflicts, ${forwards.total} forwards`,
    );
    t.ok(own.length >= total / 3, `${own.length} of ${total}`);
    t.ok(quantile(times, 0.99) < 5_000, 'nobody waits for long');
  }
  t.comment(`${Math.round(total / seconds)} posts/s`);
  const entries = await stored(id);
  t.equal(entries.length, total + 1);
  const places = new Map(
    entries.map(({ event }) => [event.type === 'message.posted' ? event.data.content : '', event.position]),
  );
  t.equal(places.size, total + 1);
  t.same(
    posts.filter((one) => places.get(one.text) !== one.position),
    [],
  );
});
