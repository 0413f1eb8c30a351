import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** What a request to JetStream may take. */
const requestMs = 10_000;
/** What the first answer may take before it is asked for again: longer each time, for a busy server answers late. */
const probesMs = [1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000] as const;

/**
 * Streams and consumers of the servers behind a connection. In a cluster only the leader of JetStream answers, and a
 * server that does not know yet where the leader is drops the request: so the first one is repeated. Rejects after
 * 55 s without an answer, at once when JetStream is off or forbidden.
 */
export async function openStreamManager(connection: NatsConnection): Promise<JetStreamManager> {
  let silence: unknown;
  for (const timeout of probesMs) {
    try {
      await jetstreamManager(connection, { timeout });
      return await jetstreamManager(connection, { timeout: requestMs, checkAPI: false });
    } catch (error) {
      if ((error as Error).name !== 'TimeoutError') throw error;
      silence = error;
    }
  }
  throw new Error('JetStream of nats-server does not answer: is its cluster without a leader?', {
    cause: silence,
  });
}
