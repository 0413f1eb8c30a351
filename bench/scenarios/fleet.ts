/**
 * A hundred agents, each with a conversation of its own and one post in flight; every post is delivered to
 * one receiver on another socket. After each round the projection must catch up.
 */

import { createConversation } from '../kit/clients/conversation.ts';
import type { NativeClient } from '../kit/clients/native-client.ts';
import { DeliveryLedger } from '../kit/figures/delivery-ledger.ts';
import { usualText } from '../kit/figures/event-sample.ts';
import { absoluteFigure, relativeFigure } from '../kit/figures/figure.ts';
import { openProjectionLag } from '../kit/figures/projection-lag.ts';
import { interleave } from '../kit/figures/rounds.ts';
import { percentile } from '../kit/figures/samples.ts';
import { measureAppends } from '../kit/references/append-reference.ts';
import type { Scenario, ScenarioContext } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';
import { until } from '../kit/wait.ts';

const conversationCount = 100;
/** Of issue 2 §6: reference (a) is asked for what 128 conversations reach. */
const referenceConversations = 128;
const deliveryMsMax = 10_000;

type Pair = { readonly poster: NativeClient; readonly conversation: string; readonly ledger: DeliveryLedger };
type Ack = { readonly seq: number };

export const fleet: Scenario = {
  name: 'fleet',
  async run(context) {
    const pairs: Pair[] = [];
    for (let index = 0; index < conversationCount; index += 1) pairs.push(await openPair(context, index));
    const latencies: number[] = [];
    const projection = await openProjectionLag(context.stack.natsAddress);
    context.closers.add(() => projection.close());
    const lags: { afterSec: number; eventsMax: number }[] = [];

    const round = async (): Promise<number> => {
      const watch = projection.watch();
      const before = total(pairs);
      const began = performance.now();
      const endAt = began + context.pace.roundMs;
      await Promise.all(pairs.map((pair) => postUntil(pair, endAt, latencies)));
      await until(
        'every post is delivered',
        () => pairs.every((pair) => pair.ledger.isComplete),
        deliveryMsMax,
        1,
      );
      const perSec = (total(pairs) - before) / ((performance.now() - began) / 1_000);
      lags.push(await watch.caughtUp());
      return perSec;
    };

    await context.warmUp(round);
    lags.length = 0;
    latencies.length = 0;
    const watched = await context.watched(round, () => total(pairs));
    const rounds = await interleave(
      context.pace.rounds,
      async () => (await measureAppends(context, referenceConversations)).perSec,
      watched.round,
    );
    expectDelivered(pairs);
    return [
      relativeFigure(
        {
          name: 'fleet',
          what: '100 conversations, one in flight each, 1 receiver each: posts/s',
          unit: 'per_sec',
          target: { kind: 'min', must: 0.15, worth: 0.3 },
          checked: `${total(pairs)} posts acknowledged and received exactly once, in order, texts equal`,
          parleyMicros: watched.parleyMicros(),
          notes: `ack p50 ${percentile(latencies, 0.5).toFixed(1)} ms, p99 ${percentile(latencies, 0.99).toFixed(1)} ms; ${watched.shares()}`,
        },
        '(a) appends/s, 128 conversations',
        rounds,
      ),
      absoluteFigure(
        {
          name: 'projection-lag',
          what: 'projection lag after the fleet scenario ends',
          unit: 's',
          target: { kind: 'max', must: 2, worth: 0.5 },
          checked: 'nats-server says that every event of every round is acknowledged by the projection',
          notes: `at most ${Math.max(...lags.map((lag) => lag.eventsMax))} events behind under load`,
        },
        Math.max(...lags.map((lag) => lag.afterSec)),
      ),
    ];
  },
};

async function openPair(context: ScenarioContext, index: number): Promise<Pair> {
  const { agents } = context.accounts;
  const [sender, reader] = [agents[index % agents.length]!, agents[(index + 1) % agents.length]!];
  const ledger = new DeliveryLedger();
  const poster = await context.open(sender.key);
  const conversation = await createConversation(poster, `fleet ${index}`, [{ id: reader.id, kind: 'agent' }]);
  const receiver = await context.open(reader.key, { onEvent: (event) => ledger.received(event) });
  await receiver.request({ op: 'open', conversation });
  return { poster, conversation, ledger };
}

async function postUntil(
  { poster, conversation, ledger }: Pair,
  endAt: number,
  latencies: number[],
): Promise<void> {
  for (let sentAt = performance.now(); sentAt < endAt; sentAt = performance.now()) {
    const content = `${usualText} ${ledger.ackedCount}`;
    const ack = await poster.request<Ack>({ op: 'post', conversation, content, client_id: uuidV7() });
    latencies.push(performance.now() - sentAt);
    ledger.acked(ack.seq, content);
  }
}

function total(pairs: readonly Pair[]): number {
  return pairs.reduce((sum, pair) => sum + pair.ledger.ackedCount, 0);
}

function expectDelivered(pairs: readonly Pair[]): void {
  for (const { ledger } of pairs) {
    if (ledger.receivedCount !== ledger.ackedCount) {
      throw new Error(`${ledger.ackedCount} posts acknowledged, ${ledger.receivedCount} received`);
    }
  }
}
