/**
 * Bytes of an object, asked for in parts: between two of them no connection is held, however slow the reader is, and
 * a part that breaks off is asked for again.
 */
import { addAbortSignal, type Readable } from 'node:stream';
import { limits } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import type { CallOptions, Outcome, S3Calls } from './s3-calls.ts';

/** Bytes `from` to `to`, both inclusive; a Problem ends it. */
export async function* readRange(
  calls: S3Calls,
  key: string,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array | Problem> {
  // One buffer for all parts: see BytePieces.
  const buffer = Buffer.allocUnsafeSlow(Math.min(limits.mediaStoreReadBytes, to - from + 1));
  for (let at = from; at <= to; at += buffer.length) {
    const part = buffer.subarray(0, to - at + 1);
    const filled = await fill(calls, key, at, part);
    if (filled.kind !== 'done') {
      yield calls.problemOf(filled);
      return;
    }
    for (let sent = 0; sent < part.length; sent += limits.mediaPieceBytes) {
      yield part.subarray(sent, sent + limits.mediaPieceBytes);
    }
  }
}

/** The SDK tries again until an answer begins; what breaks off after that is ours to repeat. */
async function fill(calls: S3Calls, key: string, at: number, part: Buffer): Promise<Outcome<void>> {
  for (let tries = 1; ; tries += 1) {
    const filled = await calls.ask((_, options) => fillOnce(calls, key, at, part, options));
    const isBroken = filled.kind === 'failed' && filled.status === null && brokenOff.has(filled.code);
    if (!isBroken || tries >= limits.mediaStoreTriesMax) return filled;
  }
}

const brokenOff = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ShortBody']);

async function fillOnce(
  { sdk, client, bucket }: S3Calls,
  key: string,
  at: number,
  part: Buffer,
  options: CallOptions,
): Promise<void> {
  const range = `bytes=${at}-${at + part.length - 1}`;
  const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key, Range: range });
  const { Body, ContentLength } = await client.send(command, options);
  const body = addAbortSignal(options.abortSignal, Body as Readable);
  let length = 0;
  // Also of a store that does not know ranges: nothing but what was asked for is ever held.
  if (ContentLength !== part.length) body.destroy(fault('WrongRange'));
  for await (const piece of body as AsyncIterable<Buffer>) {
    if (length + piece.length > part.length) throw fault('WrongRange');
    piece.copy(part, length);
    length += piece.length;
  }
  if (length < part.length) throw fault('ShortBody');
}

function fault(code: string): Error {
  return Object.assign(new Error('The store answered with other bytes than were asked for'), { code });
}
