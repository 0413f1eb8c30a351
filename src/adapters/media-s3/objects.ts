import { Readable } from 'node:stream';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { BytePieces } from '../../ports/media.ts';
import type { S3Calls } from './s3-calls.ts';

/** Of every blob: if a bucket is open to the world by mistake, no browser shows what lies in it. */
export const unshown = { ContentType: 'application/octet-stream', ContentDisposition: 'attachment' } as const;

/** Idempotent, as S3 has it. */
export async function deleteObject(calls: S3Calls, key: string): Promise<Problem | null> {
  const command = new calls.sdk.DeleteObjectCommand({ Bucket: calls.bucket, Key: key });
  const gone = await calls.ask((client, options) => client.send(command, options));
  return gone.kind === 'done' || gone.kind === 'missing' ? null : calls.problemOf(gone);
}

/** Tried once: what was read of the pieces is gone. A PUT that is not whole leaves nothing, as S3 has it. */
export async function writeObject(
  calls: S3Calls,
  key: string,
  sizeBytes: number,
  pieces: BytePieces,
): Promise<Problem | null> {
  let refused: Problem | null = null;
  const broken = new AbortController();
  async function* copies() {
    for await (const piece of pieces) {
      if (piece instanceof Problem) {
        refused = piece;
        broken.abort();
        return;
      }
      // A piece is valid until the next one is asked for, and a stream asks ahead.
      yield Buffer.from(piece);
    }
  }
  const Body = Readable.from(copies(), { highWaterMark: 2 });
  // The SDK does not listen: bytes that cannot be read would end the process.
  Body.on('error', () => broken.abort());
  const put = { Bucket: calls.bucket, Key: key, Body, ContentLength: sizeBytes, ...unshown };
  const command = new calls.sdk.PutObjectCommand(put);
  const sent = await calls.ask((client, options) => {
    const abortSignal = AbortSignal.any([options.abortSignal, broken.signal]);
    return client.send(command, { ...options, abortSignal });
  }, limits.mediaStoreCopyMs);
  Body.destroy();
  return refused ?? (sent.kind === 'done' ? null : calls.problemOf(sent));
}
