/** The AgentTurnFeed port: one durable consumer a partition, pinned to one node, on the work queue AGENTS. */
import { AckPolicy, DeliverPolicy, type JsMsg, jetstream } from '@nats-io/jetstream';
import { limits } from '../../../domain/limits.ts';
import type { Problem } from '../../../domain/problem.ts';
import type { AgentTurn, AgentTurnFeed, TakenTurn } from '../../../ports/agents/agent-turns.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Nats } from '../connections/connection.ts';
import { durableConsumer } from '../consumers/durable.ts';
import { type LaneItem, OrderedLanes } from '../consumers/ordered-lanes.ts';
import { openPinnedLanes } from '../consumers/pinned-lanes.ts';
import { type Opened, openReopened } from '../consumers/reopened.ts';
import { readNext } from '../log/log-reads.ts';
import { openStreamManager } from '../streams/stream-manager.ts';
import type { Streams } from '../streams/streams.ts';
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

  async function open(
    partition: number,
    take: (taken: TakenTurn) => Promise<void>,
    graceMs: () => number,
    onLost: () => void,
  ): Promise<Opened> {
    const config = configOf(partition);
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
    return await openPinnedLanes({
      ...{ manager, lanes, graceMs, onLost, log },
      consumer: await durableConsumer(js, manager, agentStream, config),
      place: { stream: agentStream, durable: config.durable_name, group },
      pulledMax: limits.agentTurnsPulledMax,
      itemOf: deliveredTurn,
      workingMs: limits.agentTurnWorkingMs,
    });
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
