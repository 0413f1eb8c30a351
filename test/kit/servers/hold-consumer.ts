import { jetstreamManager } from '@nats-io/jetstream';
import type { Nats } from '../../../src/adapters/jetstream/connections/connection.ts';

/** Longer than any test. */
const holdNanos = 3_600_000 * 1_000_000;

/**
 * From now on the server waits an hour for a node that has the pin of this consumer, or a message of it, and says
 * nothing: what another node gets meanwhile was handed over.
 */
export async function holdConsumer(
  { connection }: Pick<Nats, 'connection'>,
  stream: string,
  durable: string,
): Promise<void> {
  const { consumers } = await jetstreamManager(connection, { timeout: 25_000 });
  await consumers.update(stream, durable, { ack_wait: holdNanos, priority_timeout: holdNanos });
}
