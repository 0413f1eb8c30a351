/**
 * A snapshot of one stream, as the server packs it: asked for with $JS.API.STREAM.SNAPSHOT, then sent in chunks, of
 * which so many are under way as we confirm. Publishing into the stream goes on meanwhile.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { limits } from '../../../domain/limits.ts';

export interface StreamSnapshot {
  readonly name: string;
  /** As the server writes it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly state: Readonly<Record<string, unknown>>;
  readonly messages: number;
  readonly lastSeq: number;
}

interface SnapshotAnswer {
  readonly error?: { readonly description: string };
  readonly config?: Record<string, unknown>;
  readonly state?: Record<string, unknown> & { readonly messages: number; readonly last_seq: number };
}

export async function snapshotStream(
  connection: NatsConnection,
  name: string,
  path: string,
  onBytes: (written: number) => void = () => undefined,
): Promise<StreamSnapshot> {
  // `_INBOX.` and not `_INBOX_x.`: that is where principals have theirs.
  const deliver = `_INBOX.parley.${randomBytes(12).toString('hex')}`;
  const chunks = connection.subscribe(deliver);
  const file = await open(path, 'wx', 0o600);
  try {
    const request = { deliver_subject: deliver, no_consumers: true, chunk_size: limits.snapshotChunkBytes };
    const subject = `$JS.API.STREAM.SNAPSHOT.${name}`;
    const answer = await connection.request(subject, JSON.stringify(request), {
      timeout: limits.snapshotAnswerMs,
    });
    const { error, config, state } = answer.json<SnapshotAnswer>();
    if (error !== undefined || config === undefined || state === undefined)
      throw new Error(`nats-server makes no snapshot of ${name}: ${error?.description ?? 'no reason given'}`);
    await writeChunks(connection, chunks, file, { name, onBytes });
    await file.sync();
    return { name, config, state, messages: state.messages, lastSeq: state.last_seq };
  } finally {
    chunks.unsubscribe();
    await file.close();
  }
}

/** Until the empty one at the end. Rejects when none comes for too long, or the server gives up. */
async function writeChunks(
  connection: NatsConnection,
  chunks: AsyncIterable<Msg> & { unsubscribe(): void },
  file: FileHandle,
  { name, onBytes }: { readonly name: string; readonly onBytes: (written: number) => void },
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expect = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => chunks.unsubscribe(), limits.snapshotAnswerMs);
  };
  let written = 0;
  try {
    expect();
    for await (const chunk of chunks) {
      expect();
      if (chunk.data.length === 0) {
        const { code = 204, description = '' } = chunk.headers ?? {};
        if (code === 0 || code === 204) return;
        throw new Error(`nats-server gave up the snapshot of ${name}: ${code} ${description}`);
      }
      await file.appendFile(chunk.data); // write() may write less than it was given, on a disk that is nearly full
      written += chunk.data.length;
      onBytes(written);
      if (chunk.reply) connection.publish(chunk.reply); // the last ones ask for none
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`the snapshot of ${name} stopped in the middle`);
}
