import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** What a request to JetStream may take. */
const requestMs = 10_000;
/** What the first answer may take before it is asked for again, and how often it is. */
const probeMs = 2_000;
const probesMax = 10;

/**
 * Streams and consumers of the servers behind a connection. In a cluster only the leader of JetStream answers, and a
 * server that does not know yet where the leader is drops the request: so the first one is repeated. Rejects with
 * nats.js's TimeoutError after 20 s without an answer, at once when JetStream is off or forbidden.
 */
export async function openStreamManager(connection: NatsConnection): Promise<JetStreamManager> {
  for (let probe = 1; ; probe += 1) {
    try {
      await jetstreamManager(connection, { timeout: probeMs });
      return await jetstreamManager(connection, { timeout: requestMs, checkAPI: false });
    } catch (error) {
      if (probe === probesMax || (error as Error).name !== 'TimeoutError') throw error;
    }
  }
}
