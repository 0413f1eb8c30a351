/** How far the projection is, and whether anybody works on it: read only, for `parley doctor`. */
import type { Nats } from '../connections/connection.ts';
import { askJetStream } from '../connections/server-facts.ts';
import { conversationStream } from '../subjects.ts';
import { projectorConsumer } from './projection-feed.ts';

export interface PartitionState {
  readonly partition: number;
  /** Events that are not projected yet; null: there is no consumer, or NATS does not answer for it. */
  readonly behind: number | null;
  /** Some node has it, or asks for it. */
  readonly isWorkedOn: boolean;
}

export async function readProjectionStates(
  nats: Nats,
  partitions: number,
): Promise<readonly PartitionState[]> {
  return Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const info = await askJetStream<{
        readonly num_pending?: number;
        readonly num_ack_pending?: number;
        readonly num_waiting?: number;
      }>(nats, `CONSUMER.INFO.${conversationStream(partition)}.${projectorConsumer}`);
      const {
        num_pending: pending,
        num_ack_pending: unacknowledged = 0,
        num_waiting: waiting = 0,
      } = info ?? {};
      const behind = pending === undefined ? null : pending + unacknowledged;
      return { partition, behind, isWorkedOn: waiting > 0 };
    }),
  );
}
