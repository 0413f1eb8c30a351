/** The ProjectionFeed port: one durable consumer a partition, pinned to one process (measured.md). */
import { AckPolicy, DeliverPolicy, type JsMsg, jetstream } from '@nats-io/jetstream';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { PlacedEntry } from '../../../ports/projection.ts';
import type {
  ProjectionFeed,
  ProjectionLags,
  ProjectionProgress,
  ProjectionSink,
} from '../../../ports/projection-feed.ts';
import { apiErrors, isApiError } from '../api-errors.ts';
import type { Nats } from '../connections/connection.ts';
import type { Requester } from '../connections/requester.ts';
import { drain } from '../consumers/drain.ts';
import { durableConsumer } from '../consumers/durable.ts';
import { watchPin } from '../consumers/pin.ts';
import { pulling } from '../consumers/pulling.ts';
import { type Opened, openReopened } from '../consumers/reopened.ts';
import { watchLoss } from '../consumers/watch-loss.ts';
import { readEntry, traceparentIn } from '../log/entry-headers.ts';
import { readMessages, readNext } from '../log/log-reads.ts';
import { openStreamManager } from '../streams/stream-manager.ts';
import type { Streams } from '../streams/streams.ts';
import { conversationStream, logSubjectsOf, refOfLogSubject } from '../subjects.ts';
import { type Delivered, DeliveryOrder } from './delivery-order.ts';
import { BatchQueue } from './projection-batches.ts';

/** Name of the durable consumer on each stream of the log. */
export const projectorConsumer = 'projector';
const group = 'projector';
const ackWaitMs = 30_000;

const config = {
  durable_name: projectorConsumer,
  ack_policy: AckPolicy.All,
  deliver_policy: DeliverPolicy.All,
  ack_wait: ackWaitMs * 1_000_000,
  // The bound of what is delivered but not yet projected, hence of the projector's memory.
  max_ack_pending: limits.projectionPendingMax,
  priority_policy: 'pinned_client' as const,
  priority_groups: [group],
  priority_timeout: 5_000_000_000,
};

export async function openProjectionFeed(
  nats: Nats,
  streams: Streams,
  log: Logger,
  isTraced = false,
): Promise<ProjectionFeed & ProjectionProgress & ProjectionLags> {
  const manager = await openStreamManager(nats.connection);
  const js = jetstream(nats.connection);
  const all = Array.from({ length: streams.partitions }, (_, partition) => partition);

  async function ofEach(ask: (partition: number) => Promise<number>): Promise<readonly number[] | null> {
    try {
      return await Promise.all(all.map(ask));
    } catch {
      return null;
    }
  }

  async function open(
    partition: number,
    { batchMax, project, marks }: ProjectionSink,
    onLost: () => void,
  ): Promise<Opened> {
    const stream = conversationStream(partition);
    const consumer = await durableConsumer(js, manager, stream, config);
    const feedName = (await consumer.info(true)).created;
    const queue = new BatchQueue<Fed>({
      batchMax,
      paceMinMs: limits.projectionPaceMsMin,
      paceMs: limits.projectionPaceMs,
      busyFrom: limits.projectionBusyFrom,
      sequenceOf: (fed) => fed.sequence,
      async project(batch) {
        await project(batch.flatMap((fed) => fed.place()));
        const sequence = batch.at(-1)?.sequence ?? 0;
        await marks.write({ partition, feed: feedName, sequence });
      },
      done: (last) => last.message?.ack(),
      working: (last) => last.message?.working(),
      workingMs: ackWaitMs / 3,
      onFailure: (error) => log.warn({ error, partition }, 'A projection batch failed and is tried again'),
    });
    const order = new DeliveryOrder<FedMessage, Fed>({
      pass: (fed) => queue.push(fed),
      // Not the acknowledged floor: a message that is erased before it was acknowledged counts as acknowledged, with all before it.
      async projectedUpTo() {
        const marked = await marks.read(partition, feedName);
        if (marked !== null) return marked;
        const info = await manager.consumers.info(stream, projectorConsumer);
        const sequence = info.ack_floor.stream_seq;
        await marks.write({ partition, feed: feedName, sequence });
        return sequence;
      },
      read: (after, before) =>
        readRange({ requester: nats.requester, partition, after, before, log, isTraced }),
      onGap: (from, to) => log.info({ partition, from, to }, 'The projection reads on from its mark'),
      onFailure: (error) => log.warn({ error, partition }, 'What another projector left cannot be read yet'),
    });
    const messages = await consumer.consume({
      ...pulling,
      group,
      max_messages: limits.projectionPendingMax,
      threshold_messages: Math.floor(limits.projectionPendingMax / 2),
      callback: (message) => order.take(fedMessage(message, log, isTraced)),
    });
    watchLoss(messages, onLost);
    const pin = watchPin(messages, manager, { stream, durable: projectorConsumer, group }, log);
    let isOpen = true;
    return {
      async close() {
        const wasOpen = isOpen;
        isOpen = false;
        if (wasOpen) await drain(messages, limits.consumerDrainMs);
        await order.close();
        // What was delivered to us is delivered to another one only when something newer comes, or half a minute later.
        await queue.drained(limits.projectionDrainMsMax);
        await queue.close();
        // After the batch in hand, which the next one would only project again.
        if (wasOpen) await pin.release();
      },
    };
  }

  const lags = (): Promise<readonly number[] | null> =>
    ofEach(async (partition) => {
      const info = await manager.consumers.info(conversationStream(partition), projectorConsumer);
      return info.num_pending + info.num_ack_pending;
    });

  return {
    partitions: streams.partitions,

    consume: (partition, sink) =>
      openReopened({
        streams,
        partition,
        log,
        open: (onLost) => open(partition, sink, onLost),
      }),

    ends: () =>
      ofEach(async (partition) => (await manager.streams.info(conversationStream(partition))).state.last_seq),

    projected: () =>
      ofEach(async (partition) => {
        const stream = conversationStream(partition);
        const info = await manager.consumers.info(stream, projectorConsumer);
        const floor = info.ack_floor.stream_seq;
        if (info.num_pending > 0 || info.num_ack_pending > 0) return floor;
        // With nothing left, what was delivered is the end, whatever was purged after it: unless the server has not
        // counted the newest message yet, which it does a moment after it has acknowledged it.
        const next = await readNext(
          nats.requester,
          stream,
          logSubjectsOf(partition),
          info.delivered.stream_seq,
        );
        if (next instanceof Problem) throw next;
        return next === null ? Number.POSITIVE_INFINITY : floor;
      }),

    lags,

    async lag() {
      const each = await lags();
      return each === null ? null : each.reduce((sum, one) => sum + one, 0);
    },

    async rewind() {
      for (const partition of all) {
        const stream = conversationStream(partition);
        try {
          await manager.consumers.delete(stream, projectorConsumer);
        } catch (error) {
          if (!isApiError(error, apiErrors.consumerNotFound)) throw error;
        }
        await manager.consumers.add(stream, config);
      }
    },
  };
}

/** What goes into batches: a delivered message, or one that was read from the stream. */
interface Fed {
  readonly sequence: number;
  /**
   * Parses it, when its turn has come: what waits parsed survives several collections of garbage.
   * Empty for a message that is no event of ours: nobody can project it.
   */
  readonly place: () => readonly PlacedEntry[];
  readonly message: JsMsg | null;
}

type FedMessage = Fed & Delivered;

function fedMessage(message: JsMsg, log: Logger, isTraced: boolean): FedMessage {
  const { deliverySequence, streamSequence } = message.info;
  const placed = (): readonly PlacedEntry[] => place(message, streamSequence, log, isTraced);
  return { sequence: streamSequence, delivery: deliverySequence, place: placed, message };
}

function place(
  message: Pick<JsMsg, 'subject' | 'data' | 'headers'>,
  sequence: number,
  log: Logger,
  isTraced: boolean,
): PlacedEntry[] {
  try {
    const entry = readEntry(message.data, message.headers, sequence);
    const traceparent = isTraced ? traceparentIn(message.headers) : null;
    const traced = traceparent === null ? entry : { ...entry, traceparent };
    return [{ ref: refOfLogSubject(message.subject), entry: traced }];
  } catch (error) {
    log.error({ error, subject: message.subject, sequence }, 'A log message is not an event');
    return [];
  }
}

interface Range {
  readonly requester: Requester;
  readonly partition: number;
  readonly after: number;
  readonly before: number;
  readonly log: Logger;
  readonly isTraced: boolean;
}

/** Every message of a partition with a sequence in (after, before), from the stream. Rejects when NATS is away. */
async function* readRange({
  requester,
  partition,
  after,
  before,
  log,
  isTraced,
}: Range): AsyncGenerator<Fed> {
  let from = after;
  for (let emptyReads = 0; ; ) {
    const page = await readMessages(requester, conversationStream(partition), logSubjectsOf(partition), from);
    if (page instanceof Problem) throw new Error('the stream cannot be read');
    for (const { sequence, subject, message } of page.messages) {
      if (sequence >= before) return;
      from = sequence;
      const { data, headers } = message;
      const read = { subject, data, headers: headers as JsMsg['headers'] };
      yield { sequence, place: () => place(read, sequence, log, isTraced), message: null };
    }
    if (from >= before - 1) return;
    if (!page.isLast) continue;
    // The message at `before` was delivered, so a replica that ends earlier lags; unless it was erased since.
    emptyReads += 1;
    if (emptyReads > 20) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
