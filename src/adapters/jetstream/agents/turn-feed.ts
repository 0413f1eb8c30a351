/** The AgentTurnFeed port: one durable consumer a partition, pinned to one node, on the work queue AGENTS. */
import { AckPolicy, DeliverPolicy, type JsMsg, jetstream } from '@nats-io/jetstream';
import { limits } from '../../../domain/limits.ts';
import type { Problem } from '../../../domain/problem.ts';
import type { AgentTurn, AgentTurnFeed, TakenTurn } from '../../../ports/agent-turns.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Nats } from '../connection.ts';
import { type LaneItem, OrderedLanes } from '../consumers/ordered-lanes.ts';
import { watchPin } from '../consumers/pin.ts';
import { pulling } from '../consumers/pulling.ts';
import { type Opened, openReopened } from '../consumers/reopened.ts';
import { watchLoss } from '../consumers/watch-loss.ts';
import { readNext } from '../log-reads.ts';
import { openStreamManager } from '../stream-manager.ts';
import type { Streams } from '../streams.ts';
import { agentStream, agentSubjectsOf } from '../subjects.ts';
import { readTurn } from './turn-queue.ts';

const group = 'agents';
const nanos = 1_000_000;

const configOf = (partition: number) => ({
  durable_name: `agents-${partition}`,
  filter_subject: agentSubjectsOf(partition),
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: limits.agentTurnSilenceMs * nanos,
  max_ack_pending: limits.agentTurnsPendingMax,
  max_deliver: limits.agentTurnDeliveriesMax,
  priority_policy: 'pinned_client' as const,
  priority_groups: [group],
  priority_timeout: limits.agentPinMs * nanos,
});

export async function openTurnFeed(nats: Nats, streams: Streams, log: Logger): Promise<AgentTurnFeed> {
  const manager = await openStreamManager(nats.connection);
  const js = jetstream(nats.connection);

  async function consumerOf(partition: number) {
    const config = configOf(partition);
    try {
      return await js.consumers.get(agentStream, config.durable_name);
    } catch (error) {
      if ((error as { code?: number }).code !== 10014) throw error;
    }
    await manager.consumers.add(agentStream, config);
    return await js.consumers.get(agentStream, config.durable_name);
  }

  async function open(
    partition: number,
    take: (taken: TakenTurn) => Promise<void>,
    graceMs: () => number,
    onLost: () => void,
  ): Promise<Opened> {
    const consumer = await consumerOf(partition);
    const oldest = (subject: string, after: number): Promise<number | null | Problem> =>
      readNext(nats.requester, agentStream, subject, after);
    const lanes = new OrderedLanes<AgentTurn>({
      take: async ({ item: turn, delivery, draining, signal }) => {
        await take({ turn, isRepeated: delivery > 1, draining, signal });
        return null;
      },
      failed(error, delivery) {
        log.error({ error }, 'A turn of an agent failed');
        return delivery >= limits.agentTurnDeliveriesMax ? null : limits.agentTurnReturnMs;
      },
      ...{ oldest, log, waitMs: limits.agentTurnWaitMs, lookMs: limits.agentTurnLookMs },
      returnMs: limits.agentTurnReturnMs,
    });
    const messages = await consumer.consume({
      ...pulling,
      group,
      max_messages: limits.agentTurnsPulledMax,
      threshold_messages: Math.floor(limits.agentTurnsPulledMax / 2),
      callback: (message) => {
        const delivered = deliveredTurn(message);
        if (delivered === null) {
          log.error({ subject: message.subject, sequence: message.seq }, 'A message is no turn of an agent');
          message.term();
        } else lanes.push(delivered);
      },
    });
    watchLoss(messages, onLost);
    const place = { stream: agentStream, durable: configOf(partition).durable_name, group };
    const pin = watchPin(messages, manager, place, log);
    const working = setInterval(() => lanes.working(), limits.agentTurnWorkingMs);
    working.unref();
    let closing: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      await messages.close();
      // What is in hand stays ours until it is over; what comes from now on need not wait for it.
      await pin.release();
      await lanes.close(graceMs());
      clearInterval(working);
    };
    return {
      close() {
        closing ??= close();
        return closing;
      },
    };
  }

  return {
    partitions: streams.partitions,

    async consume(partition, take) {
      let graceMs = 0;
      const opened = await openReopened({
        ...{ streams, partition, log },
        open: (onLost) => open(partition, take, () => graceMs, onLost),
      });
      return {
        close(ms) {
          graceMs = ms;
          return opened.close();
        },
      };
    },
  };
}

function deliveredTurn(message: JsMsg): LaneItem<AgentTurn> | null {
  const turn = readTurn(message.subject, message.string());
  if (turn === null) return null;
  return {
    item: turn,
    subject: message.subject,
    sequence: message.seq,
    delivery: message.info.deliveryCount,
    // Not confirmed in time: it comes again, and finds its answer.
    done: () => message.ackAck({ timeout: limits.agentTurnSilenceMs }).catch(() => false),
    giveBack: (afterMs) => message.nak(afterMs),
    giveUp: () => message.term(),
    working: () => message.working(),
  };
}
