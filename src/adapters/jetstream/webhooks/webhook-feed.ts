/** The WebhookFeed port: a durable consumer for each endpoint, pinned to one node, on the work queue WEBHOOKS. */
import { AckPolicy, DeliverPolicy, type JetStreamManager, type JsMsg, jetstream } from '@nats-io/jetstream';
import { limits } from '../../../domain/limits.ts';
import type { WebhookRef } from '../../../domain/webhook.ts';
import type { Logger } from '../../../ports/logger.ts';
import type {
  TakenDelivery,
  WebhookDelivery,
  WebhookFeed,
} from '../../../ports/webhooks/webhook-deliveries.ts';
import { apiErrors, isApiError } from '../api-errors.ts';
import type { Nats } from '../connections/connection.ts';
import { durableConsumer } from '../consumers/durable.ts';
import { type LaneItem, OrderedLanes } from '../consumers/ordered-lanes.ts';
import { openPinnedLanes } from '../consumers/pinned-lanes.ts';
import { type Opened, openReopened } from '../consumers/reopened.ts';
import { readNextSince } from '../log/log-reads.ts';
import { openStreamManager } from '../streams/stream-manager.ts';
import type { Streams } from '../streams/streams.ts';
import { token, webhookStream, webhookSubjectsOf } from '../subjects.ts';
import { readDelivery } from './webhook-queue.ts';

const group = 'webhooks';
const nanos = 1_000_000;

interface Queued {
  readonly delivery: WebhookDelivery;
  readonly queuedMs: number;
}

const durableOf = ({ id }: WebhookRef): string => `webhook-${token(id)}`;

const configOf = (webhook: WebhookRef) => ({
  durable_name: durableOf(webhook),
  filter_subject: webhookSubjectsOf(webhook),
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: limits.webhookSilenceMs * nanos,
  max_ack_pending: limits.webhookPendingMax,
  // Who delivers says when it is enough: the age of a delivery counts, too.
  max_deliver: -1,
  // Whoever was to forget it died first: by then nothing waits any more. One that is wanted again is made again.
  inactive_threshold: limits.webhookQueuedMs * nanos,
  priority_policy: 'pinned_client' as const,
  priority_groups: [group],
  priority_timeout: limits.webhookPinMs * nanos,
});

export async function openWebhookFeed(nats: Nats, streams: Streams, log: Logger): Promise<WebhookFeed> {
  const manager = await openStreamManager(nats.connection);
  const js = jetstream(nats.connection);

  function lanesOf(take: (taken: TakenDelivery) => Promise<number | null>): OrderedLanes<Queued> {
    return new OrderedLanes<Queued>({
      take: ({ item: { delivery, queuedMs }, delivery: attempt, draining, signal }) =>
        take({ delivery, queuedAt: queuedMs * 1_000, attempt, draining, signal }),
      failed(error) {
        log.error({ error }, 'A delivery of a webhook could not be tried');
        return limits.webhookReturnMs;
      },
      oldest: (subject, after) =>
        readNextSince(nats.requester, webhookStream, {
          ...{ subject, after, sinceMs: Date.now() - limits.webhookOrderMs },
        }),
      ...{ log, waitMs: limits.webhookOrderMs, lookMs: limits.webhookOrderLookMs },
      returnMs: limits.webhookReturnMs,
    });
  }

  async function open(
    webhook: WebhookRef,
    take: (taken: TakenDelivery) => Promise<number | null>,
    graceMs: () => number,
    onLost: () => void,
  ): Promise<Opened> {
    return await openPinnedLanes({
      ...{ manager, graceMs, onLost, log },
      lanes: lanesOf(take),
      consumer: await durableConsumer(js, manager, webhookStream, configOf(webhook)),
      place: { stream: webhookStream, durable: durableOf(webhook), group },
      pulledMax: limits.webhookPulledMax,
      itemOf: laneItem,
      workingMs: limits.webhookWorkingMs,
    });
  }

  return {
    async consume(webhook, take) {
      let graceMs = 0;
      const opened = await openReopened({
        ...{ streams, log },
        open: (onLost) => open(webhook, take, () => graceMs, onLost),
      });
      return {
        close(ms) {
          graceMs = ms;
          return opened.close();
        },
      };
    },

    async waiting(webhook) {
      try {
        const info = await manager.consumers.info(webhookStream, durableOf(webhook));
        return info.num_pending + info.num_ack_pending;
      } catch (error) {
        return isMissing(error) ? await storedFor(manager, webhook) : null;
      }
    },

    async allWaiting() {
      try {
        return (await manager.streams.info(webhookStream)).state.messages;
      } catch {
        return null;
      }
    },

    async forget(webhook) {
      try {
        await manager.consumers.delete(webhookStream, durableOf(webhook));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      await manager.streams.purge(webhookStream, { filter: webhookSubjectsOf(webhook) });
    },
  };
}

/** How many are stored for one that nobody consumes: it was paused at once, or for long. */
async function storedFor(
  manager: Pick<JetStreamManager, 'streams'>,
  webhook: WebhookRef,
): Promise<number | null> {
  try {
    const { state } = await manager.streams.info(webhookStream, {
      subjects_filter: webhookSubjectsOf(webhook),
    });
    return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  } catch (error) {
    return isMissing(error) ? 0 : null;
  }
}

/** Nobody consumes here, or the stream was lost. */
function isMissing(error: unknown): boolean {
  return isApiError(error, apiErrors.consumerNotFound, apiErrors.streamNotFound);
}

function laneItem(message: JsMsg): LaneItem<Queued> | null {
  const delivery = readDelivery(message.subject, message.string());
  if (delivery === null) return null;
  const { deliveryCount, timestampNanos } = message.info;
  return {
    item: { delivery, queuedMs: timestampNanos / nanos },
    subject: message.subject,
    sequence: message.seq,
    delivery: deliveryCount,
    // Not confirmed in time: it comes again, and is sent again with the same id.
    done: () => message.ackAck({ timeout: limits.webhookSilenceMs }).catch(() => false),
    giveBack: (afterMs) => message.nak(afterMs),
    giveUp: () => message.term(),
    working: () => message.working(),
  };
}
