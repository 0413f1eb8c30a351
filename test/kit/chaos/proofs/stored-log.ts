/** The log as the streams hold it, read without any of Parley's own code but subjects and users. */
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Broker } from '../faults/deployment.ts';
import { type Seen, seenOf } from './events.ts';

/** Every event of every conversation of a tenant, in the order of the log; by conversation. */
export async function readStoredLog(
  broker: Broker,
  tenant: string,
): Promise<ReadonlyMap<string, readonly Seen[]>> {
  const { url, user, pass } = broker;
  const servers = url.split(',').map((one) => new URL(one).host);
  const connection = await connect({ servers, user, pass, timeout: 10_000 });
  try {
    const stored = new Map<string, Seen[]>();
    const manager = await jetstreamManager(connection, { timeout: 10_000 });
    for await (const stream of manager.streams.names('conv.>')) {
      if (!stream.startsWith('CONV_')) continue;
      const consumer = await jetstream(connection).consumers.get(stream, {
        filter_subjects: [`conv.*.${tenant}.>`],
      });
      const { num_pending: pending } = await consumer.info();
      if (pending === 0) continue;
      for await (const message of await consumer.consume({ max_messages: 1_000 })) {
        const event = message.json<{ conversation: string }>();
        const list = stored.get(event.conversation) ?? [];
        list.push(seenOf(event));
        stored.set(event.conversation, list);
        if (message.info.pending === 0) break;
      }
    }
    return stored;
  } finally {
    await connection.close();
  }
}
