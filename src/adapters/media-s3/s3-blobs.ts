/**
 * The MediaBlobs port on an S3-compatible store. Clients PUT to `parley/pending/<upload>` by presigned URLs; what is
 * confirmed is copied to `parley/blobs/<blob>`, which no URL ever names, and read from there through the nodes
 * (ADR 0022).
 */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MediaBlobs } from '../../ports/media.ts';
import { blobKey, isPendingKey, pendingPrefix } from './keys.ts';
import { deleteObject, unshown, writeObject } from './objects.ts';
import { openS3Calls, type S3Calls, type S3Place } from './s3-calls.ts';
import { openS3Intake } from './s3-intake.ts';
import { readRange } from './s3-ranges.ts';

export interface S3BlobOptions {
  readonly place: S3Place;
  readonly clock: Pick<Clock, 'nowMicros'>;
  readonly logger: Pick<Logger, 'error'>;
}

/** `ok`: the bucket is there, and our keys count. `away`: no answer, or none that makes sense. */
export type S3State = 'ok' | 'no such bucket' | 'refused' | 'away';

export interface S3Blobs extends MediaBlobs {
  /** Answers within limits.mediaStoreCheckMs. */
  check(): Promise<S3State>;
  /** Ends what is under way. */
  close(): void;
}

/** Loads the SDK: nothing else does. Asks the store nothing. */
export async function openS3Blobs({ place, clock, logger }: S3BlobOptions): Promise<S3Blobs> {
  const calls = await openS3Calls(place, logger);
  const { sdk, bucket } = calls;
  return {
    intake: await openS3Intake(calls, clock),
    async keep(blob, bytes) {
      const kept = { Bucket: bucket, Key: blobKey(blob), Body: bytes, ...unshown };
      const put = await calls.ask((client, options) => client.send(new sdk.PutObjectCommand(kept), options));
      return put.kind === 'done' ? null : calls.problemOf(put);
    },
    write: (blob, sizeBytes, pieces) => writeObject(calls, blobKey(blob), sizeBytes, pieces),
    async *read(blob, from, to) {
      yield* readRange(calls, blobKey(blob), from, to);
    },
    delete: async (blob) => deleteObject(calls, blobKey(blob)),
    sweep: (before, limit) => sweepPending(calls, before, limit),
    async check() {
      const asked = await calls.ask(
        (client, options) => client.send(new sdk.HeadBucketCommand({ Bucket: bucket }), options),
        limits.mediaStoreCheckMs,
      );
      if (asked.kind === 'done') return 'ok';
      if (asked.kind === 'missing') return 'no such bucket';
      return asked.kind === 'failed' && asked.isRefused ? 'refused' : 'away';
    },
    close: calls.close,
  };
}

/**
 * Uploads whose time is over, and what a URL was used for after its upload was confirmed. Their ids begin with the
 * time of their making, so the oldest come first. Those of `before` may be confirmed for as long again as a URL counts.
 */
async function sweepPending(calls: S3Calls, before: Micros, limit: number): Promise<void> {
  const lateMs = before / 1000 - limits.mediaUploadMs;
  const wanted = { Bucket: calls.bucket, Prefix: pendingPrefix, MaxKeys: limit };
  const command = new calls.sdk.ListObjectsV2Command(wanted);
  const listed = await calls.ask((client, options) => client.send(command, options));
  if (listed.kind !== 'done') return;
  for (const { Key: key, LastModified: at } of listed.value.Contents ?? []) {
    if (key === undefined || at === undefined || !isPendingKey(key) || at.getTime() >= lateMs) continue;
    if ((await deleteObject(calls, key)) instanceof Problem) return;
  }
}
