/** The ProjectionFeed port: one durable consumer a partition, pinned to one process (measured.md). */
import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { limits } from '../../domain/limits.ts';
import type { Logger } from '../../ports/logger.ts';
import type { PlacedEntry } from '../../ports/projection.ts';
import type { ProjectionFeed } from '../../ports/projection-feed.ts';
import type { Nats } from './connection.ts';
import { readEntry, readRef } from './entry-headers.ts';
import { BatchQueue } from './projection-batches.ts';
import type { Streams } from './streams.ts';
import { conversationStream } from './subjects.ts';

const durable = 'projector';
const group = 'projector';
const ackWaitMs = 30_000;

const config = {
  durable_name: durable,
  ack_policy: AckPolicy.All,
  deliver_policy: DeliverPolicy.All,
  ack_wait: ackWaitMs * 1_000_000,
  // The bound of what is delivered but not yet projected, hence of the projector's memory.
  max_ack_pending: limits.projectionPendingMax,
  priority_policy: 'pinned_client' as const,
  priority_groups: [group],
  priority_timeout: 5_000_000_000,
};

export async function openProjectionFeed(nats: Nats, streams: Streams, log: Logger): Promise<ProjectionFeed> {
  const manager = await jetstreamManager(nats.connection, { timeout: 10_000 });
  const js = jetstream(nats.connection);
  const all = Array.from({ length: streams.partitions }, (_, partition) => partition);

  async function consumerOf(partition: number): Promise<Consumer> {
    const stream = conversationStream(partition);
    try {
      return await js.consumers.get(stream, durable);
    } catch (error) {
      if ((error as { code?: number }).code !== 10014) throw error;
    }
    await manager.consumers.add(stream, config);
    return await js.consumers.get(stream, durable);
  }

  return {
    partitions: streams.partitions,

    async consume(partition, batchMax, project) {
      const consumer = await consumerOf(partition);
      const queue = new BatchQueue<JsMsg>({
        batchMax,
        paceMinMs: limits.projectionPaceMsMin,
        paceMs: limits.projectionPaceMs,
        busyFrom: limits.projectionBusyFrom,
        sequenceOf: (message) => message.seq,
        project: (batch) => project(batch.flatMap((message) => place(message, log))),
        done: (last) => last.ack(),
        working: (last) => last.working(),
        workingMs: ackWaitMs / 3,
        onFailure: (error) => log.warn({ error, partition }, 'A projection batch failed and is tried again'),
      });
      let messages: ConsumerMessages | null = await consumer.consume({
        group,
        max_messages: limits.projectionPendingMax,
        threshold_messages: Math.floor(limits.projectionPendingMax / 2),
        callback: (message) => queue.push(message),
      });
      return {
        async close() {
          const open = messages;
          messages = null;
          await open?.close();
          await queue.close();
        },
      };
    },

    async lag() {
      try {
        let lag = 0;
        for (const partition of all) {
          const info = await manager.consumers.info(conversationStream(partition), durable);
          lag += info.num_pending + info.num_ack_pending;
        }
        return lag;
      } catch {
        return null;
      }
    },

    async rewind() {
      for (const partition of all) {
        const stream = conversationStream(partition);
        try {
          await manager.consumers.delete(stream, durable);
        } catch (error) {
          if ((error as { code?: number }).code !== 10014) throw error;
        }
        await manager.consumers.add(stream, config);
      }
    },
  };
}

/** A message that is no event of ours cannot be projected by anyone: it is logged and passed over. */
function place(message: JsMsg, log: Logger): PlacedEntry[] {
  try {
    const entry = readEntry(message.data, message.headers, message.seq);
    return [{ ref: readRef(message.subject, message.headers), entry }];
  } catch (error) {
    log.error({ error, subject: message.subject, sequence: message.seq }, 'A log message is not an event');
    return [];
  }
}
