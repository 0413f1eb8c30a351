/**
 * Fifty agents stream tokens, 50 deltas a second each, to two readers each; every message ends in a post.
 * A delta's time is taken from the agent's send to each reader's receipt, in one process with one clock.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConversation } from '../kit/clients/conversation.ts';
import type { NativeClient } from '../kit/clients/native-client.ts';
import { type StreamedMessage, StreamReader } from '../kit/clients/stream-reader.ts';
import { relativeFigure } from '../kit/figures/figure.ts';
import { interleave } from '../kit/figures/rounds.ts';
import { percentile } from '../kit/figures/samples.ts';
import { measureAppends } from '../kit/references/append-reference.ts';
import type { Scenario, ScenarioContext } from '../kit/scenario.ts';
import { until } from '../kit/wait.ts';

const agentCount = 50;
const deltasPerSec = 50;
const completeMsMax = 10_000;

type Writer = {
  readonly socket: NativeClient;
  readonly conversation: string;
  readonly readers: readonly StreamReader[];
};

export const tokenStream: Scenario = {
  name: 'token-stream',
  async run(context) {
    const latencies: number[] = [];
    const p99s: number[] = [];
    let delivered = 0;
    const writers: Writer[] = [];
    for (let index = 0; index < agentCount; index += 1)
      writers.push(await openWriter(context, index, latencies));
    const deltasPerRound = Math.round((context.pace.roundMs / 1_000) * deltasPerSec);

    const round = async (): Promise<number> => {
      latencies.length = 0;
      await Promise.all(writers.map((writer, index) => stream(writer, index, deltasPerRound)));
      delivered += latencies.length;
      p99s.push(percentile(latencies, 0.99));
      return percentile(latencies, 0.5);
    };

    await context.warmUp(round);
    p99s.length = 0;
    const watched = await context.watched(round, () => delivered);
    const rounds = await interleave(
      context.pace.rounds,
      async () => (await measureAppends(context, 1)).p50Ms,
      watched.round,
    );
    return [
      relativeFigure(
        {
          name: 'token-stream',
          what: '50 agents x 50 deltas/s to 2 readers each, window 0: end to end p50',
          unit: 'ms',
          target: { kind: 'max', must: 6, worth: 3 },
          checked: `${delivered} deltas complete and in order, each stream ended in its message`,
          parleyMicros: watched.parleyMicros(),
          notes: `p99 ${percentile(p99s, 0.5).toFixed(1)} ms; ${watched.shares()}`,
        },
        '(a) append, 1 conversation, p50',
        rounds,
      ),
    ];
  },
};

async function openWriter(context: ScenarioContext, index: number, latencies: number[]): Promise<Writer> {
  const { agents, ownerToken, ownerId } = context.accounts;
  const [author, peer] = [agents[index]!, agents[agentCount + index]!];
  const socket = await context.open(author.key);
  const conversation = await createConversation(socket, `stream ${index}`, [
    { id: peer.id, kind: 'agent' },
    { id: ownerId, kind: 'user' },
  ]);
  const readers: StreamReader[] = [];
  for (const token of [peer.key, ownerToken]) {
    const reader = new StreamReader(latencies);
    const client = await context.open(token, {
      onDelta: (delta) => reader.delta(delta),
      onEvent: (event) => reader.event(event),
    });
    await client.request({ op: 'open', conversation });
    readers.push(reader);
  }
  return { socket, conversation, readers };
}

/** Streams one message at its pace (absolute times, so that a late timer does not slow it) and posts it. */
async function stream(
  { socket, conversation, readers }: Writer,
  index: number,
  deltas: number,
): Promise<void> {
  const message: StreamedMessage = { id: randomUUID(), sentAt: [], texts: [] };
  for (const reader of readers) reader.expect(message);
  const run = randomUUID();
  const everyMs = 1_000 / deltasPerSec;
  const began = performance.now() + (index * everyMs) / agentCount;
  for (let n = 0; n < deltas; n += 1) {
    const waitMs = began + n * everyMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const text = `token ${n} `;
    message.texts.push(text);
    message.sentAt.push(performance.now());
    socket.send({ op: 'delta', conversation, message_id: message.id, run, index: n, text });
  }
  const content = message.texts.join('');
  await socket.request({ op: 'post', conversation, message_id: message.id, run, content, end_run: true });
  await until(
    'the stream ends in its message',
    () => readers.every((reader) => reader.isDone),
    completeMsMax,
  );
}
