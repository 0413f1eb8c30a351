/**
 * Makes conversations as quickly as the log takes them: creation events that a node would have written, appended
 * straight to the streams of the partitions. A real one is the pattern, so that what is written is what a node writes.
 */
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { partitionOf } from '../../src/adapters/jetstream/subjects.ts';
import type { Agent } from '../kit/clients/accounts.ts';
import type { NatsAddress } from '../kit/stack.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';
import { within } from '../kit/wait.ts';

/** Fewer would let nats-server wait for us; more only wait in its buffer. */
const inFlight = 512;
const seedMsMax = 300_000;
const samplesPerSize = 10_000;

export type Seeder = {
  /** Ids of what is there, in the order of making; conversation n has the agent n mod 100 as its owner. */
  readonly conversations: readonly string[];
  /** Makes conversations until there are `count`; appends a second of the last 10,000. */
  fill(count: number): Promise<number>;
  /** Of the streams of all partitions. */
  stored(): Promise<{ readonly bytes: number; readonly subjects: number }>;
  close(): Promise<void>;
};

type Publish = NonNullable<Parameters<NatsConnection['publish']>[2]>;

/** `pattern`: id of a conversation that a node made for `agents[0]` alone. */
export async function openSeeder(
  nats: NatsAddress,
  agents: readonly Agent[],
  pattern: string,
): Promise<Seeder> {
  const { server, user, password } = nats;
  const connection = await connect({ servers: server, user, pass: password, name: 'bench' });
  const manager = await jetstreamManager(connection);
  const streams: string[] = [];
  for await (const name of manager.streams.names('conv.>')) streams.push(name);
  const stream = `CONV_${partitionOf(pattern, streams.length)}`;
  const found = await manager.streams.getMessage(stream, { last_by_subj: `conv.*.*.*.${pattern}.meta` });
  if (found === null) throw new Error(`the log has no conversation ${pattern}`);
  const [, , tenant = '', service = ''] = found.subject.split('.');
  const event = JSON.parse(found.string()) as { readonly id: string };
  const text = JSON.stringify(event);
  const node = found.header.get('Parley-Node');
  const conversations: string[] = [];

  const bodyOf = (id: string, owner: string): string =>
    text.replaceAll(pattern, id).replaceAll(agents[0]!.id, owner).replace(event.id, uuidV7());

  const fill = async (count: number): Promise<number> => {
    const acked = await appendAll(connection, count - conversations.length, () => {
      const id = uuidV7();
      const owner = agents[conversations.length % agents.length]!.id;
      conversations.push(id);
      const place = `conv.${partitionOf(id, streams.length)}.${tenant}.${service}.${id}`;
      const headers = `Parley-Node: ${node}\r\nNats-Expected-Last-Subject-Sequence: 0\r\nNats-Expected-Last-Subject-Sequence-Subject: ${place}.*`;
      return { subject: `${place}.meta`, headers, body: bodyOf(id, owner) };
    });
    const last = acked.slice(-samplesPerSize);
    return ((last.length - 1) / (last.at(-1)! - last[0]!)) * 1_000;
  };
  return {
    conversations,
    fill: (count) => within(`${count} conversations in the log`, seedMsMax, fill(count)),
    async stored() {
      let [bytes, subjects] = [0, 0];
      for (const name of streams) {
        const { state } = await manager.streams.info(name);
        bytes += state.bytes;
        subjects += state.num_subjects ?? 0;
      }
      return { bytes, subjects };
    },
    close: () => connection.close(),
  };
}

type Outgoing = { readonly subject: string; readonly headers: string; readonly body: string };

/** When each of `count` appends was acknowledged. Rejects when one is refused. */
function appendAll(
  connection: NatsConnection,
  count: number,
  next: () => Outgoing,
): Promise<readonly number[]> {
  const inbox = `_INBOX.${uuidV7()}`;
  const encoder = new TextEncoder();
  const acked: number[] = [];
  let sent = 0;
  return new Promise((resolve, reject) => {
    const send = (): void => {
      if (sent === count) return;
      sent += 1;
      const { subject, headers, body } = next();
      const block = encoder.encode(`NATS/1.0\r\n${headers}\r\n\r\n`);
      connection.publish(subject, body, {
        reply: `${inbox}.a`,
        // Of the headers, publish() calls nothing but encode().
        headers: { encode: () => block } as unknown as NonNullable<Publish['headers']>,
      });
    };
    const subscription = connection.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        const ack = error === null ? (JSON.parse(message.string()) as { error?: object }) : { error };
        if (ack.error !== undefined) reject(new Error(JSON.stringify(ack.error)));
        acked.push(performance.now());
        if (acked.length === count) {
          subscription.unsubscribe();
          resolve(acked);
        } else send();
      },
    });
    for (let n = 0; n < Math.min(inFlight, count); n += 1) send();
  });
}
