/** Nodes and nats-server are killed in the middle of messages that agents stream. Runs alone: it needs both cores. */
import t, { type Test } from 'tap';
import { makeConversations } from '../../kit/chaos/actors/load.ts';
import { readTalk, streamMessages, type Talk, type TalkReader } from '../../kit/chaos/actors/streamers.ts';
import { type Cast, type Deployment, makeCast, openDeployment } from '../../kit/chaos/faults/deployment.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import { until } from '../../kit/log-entries.ts';
import { startNats } from '../../kit/servers/nats.ts';

t.setTimeout(600_000);

const [words, restMs] = [60, 10];

class Running {
  readonly talk: Talk = { faults: [], posted: new Map(), resumed: 0, begunAnew: 0 };
  readonly readers: TalkReader[] = [];
  readonly #over = new AbortController();
  readonly #gone = new AbortController();
  readonly #agents: Promise<void>[] = [];

  /** Four agents that stream, each in a conversation of its own with two readers; half of all at each node. */
  static async begin(t: Test, { nodes }: Deployment, cast: Cast): Promise<Running> {
    const running = new Running();
    const urls = nodes.map(({ url }) => url);
    const conversations = await makeConversations(urls[0] ?? '', cast, 4);
    for (const [index, conversation] of conversations.entries()) {
      const at = (by: number): readonly string[] => (by % 2 === 0 ? urls : urls.toReversed());
      const who = cast.agents[index];
      if (who === undefined) continue;
      const plan = { who, conversation, words, restMs, gone: running.#gone.signal };
      running.#agents.push(streamMessages({ ...plan, urls: at(index) }, running.talk, running.#over.signal));
      for (let by = 0; by < 2; by += 1)
        running.readers.push(readTalk(`reader ${index}.${by}`, { ...plan, urls: at(by) }, running.talk));
    }
    t.teardown(() => running.end());
    return running;
  }

  /** Waits until so many more messages are acknowledged. */
  async more(count: number): Promise<void> {
    const goal = this.talk.posted.size + count;
    await until(() => this.talk.posted.size >= goal, 90_000);
  }

  async end(): Promise<void> {
    this.#over.abort();
    this.#gone.abort();
    await Promise.all(this.#agents);
    for (const reader of this.readers) await reader.end();
  }

  async prove(t: Test): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#agents);
    const { talk, readers } = this;
    const endedOnce = (): boolean =>
      readers.reduce((sum, { ended }) => sum + ended.length, 0) >= 2 * talk.posted.size;
    await until(endedOnce, 60_000).catch(() => undefined);
    t.same(talk.faults.slice(0, 20), [], 'every piece came in its order, once, and said what was said');
    const seen = new Set(readers.flatMap(({ ended }) => ended));
    t.same(
      [...talk.posted.keys()].filter((id) => !seen.has(id)),
      [],
      'every message ended in one',
    );
    t.equal(
      readers.reduce((sum, { ended }) => sum + ended.length, 0),
      2 * talk.posted.size,
      'for every reader',
    );
    const heard = readers.reduce((sum, reader) => sum + reader.heard(), 0);
    const all = 2 * words * talk.posted.size;
    t.ok(heard > all * 0.9, `${heard} of ${all} words were heard before their message ended`);
    t.ok(talk.resumed > 0, `${talk.resumed} went on in the middle, ${talk.begunAnew} began anew`);
  }
}

t.test('a node dies in the middle of streamed messages, whose agents or readers it has', async (t) => {
  const deployment = await openDeployment(t);
  const running = await Running.begin(t, deployment, await makeCast(deployment.nodes[0] ?? { url: '' }, 4));
  await running.more(4);
  await rounds(async (round) => {
    const node = deployment.nodes[round % deployment.nodes.length];
    await node?.kill();
    await running.more(8);
    await node?.start();
    await running.more(4);
  });
  await running.prove(t);
});

t.test('nodes are drained in the middle of streamed messages', async (t) => {
  const deployment = await openDeployment(t);
  const running = await Running.begin(t, deployment, await makeCast(deployment.nodes[0] ?? { url: '' }, 4));
  await running.more(4);
  await rounds(async (round) => {
    const node = deployment.nodes[round % deployment.nodes.length];
    await node?.drain();
    await node?.start();
    await running.more(8);
  });
  await running.prove(t);
});

t.test('nats-server dies in the middle of streamed messages', async (t) => {
  const broker = await startNats(t);
  const deployment = await openDeployment(t, { broker });
  const running = await Running.begin(t, deployment, await makeCast(deployment.nodes[0] ?? { url: '' }, 4));
  await running.more(4);
  await rounds(async () => {
    await broker.kill();
    await broker.restart();
    await running.more(8);
  });
  await running.prove(t);
});
