/** A stream from its snapshot: asked for with $JS.API.STREAM.RESTORE, then sent in chunks, each confirmed. */
import { createReadStream } from 'node:fs';
import type { NatsConnection } from '@nats-io/transport-node';
import { limits } from '../../../domain/limits.ts';
import { restoredKey } from '../streams/streams.ts';
import type { StreamSnapshot } from './snapshot-stream.ts';

interface RestoreAnswer {
  readonly error?: { readonly description: string };
  readonly deliver_subject?: string;
  readonly state?: { readonly last_seq: number };
}

export async function restoreStream(
  connection: NatsConnection,
  { name, config, state }: StreamSnapshot,
  path: string,
  replicas: number,
  onBytes: (sent: number) => void = () => undefined,
): Promise<{ readonly lastSeq: number }> {
  const metadata = { ...(config['metadata'] as object | undefined), [restoredKey]: Date.now().toString(36) };
  const request = { config: { ...config, num_replicas: replicas, metadata }, state };
  const ask = async (subject: string, body: string | Uint8Array): Promise<string> =>
    (await connection.request(subject, body, { timeout: limits.snapshotAnswerMs })).string();
  const begun = parse(await ask(`$JS.API.STREAM.RESTORE.${name}`, JSON.stringify(request)), name);
  const deliver = begun.deliver_subject;
  if (deliver === undefined) throw new Error(`nats-server does not say where ${name} is to be sent`);
  let sent = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: limits.snapshotChunkBytes })) {
    const refusal = await ask(deliver, chunk as Buffer);
    if (refusal !== '') throw new Error(`nats-server refuses ${name}: ${refusal}`);
    sent += (chunk as Buffer).length;
    onBytes(sent);
  }
  const { state: restored } = parse(await ask(deliver, ''), name);
  if (restored === undefined) throw new Error(`nats-server does not say what ${name} holds now`);
  return { lastSeq: restored.last_seq };
}

function parse(text: string, name: string): RestoreAnswer {
  const answer = JSON.parse(text) as RestoreAnswer;
  if (answer.error === undefined) return answer;
  throw new Error(`nats-server does not restore ${name}: ${answer.error.description}`);
}
