/** Uploads that go to the store itself: presigned PUTs, and what has arrived by them. */
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DirectIntake } from '../../ports/media.ts';
import { blobKey, pendingKey } from './keys.ts';
import { deleteObject, unshown } from './objects.ts';
import type { S3Calls } from './s3-calls.ts';

/** In whole seconds: S3 knows no shorter time. */
const msPerSecond = 1_000;
/** What a store refuses when it is not just so. `host` is signed in any case. */
const signableHeaders = new Set(['content-type', 'content-length']);

export async function openS3Intake(calls: S3Calls, clock: Pick<Clock, 'nowMicros'>): Promise<DirectIntake> {
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
  const { sdk, client, bucket } = calls;
  const at = (id: string) => ({ Bucket: bucket, Key: pendingKey(id) });
  return {
    kind: 'direct',
    urlOf({ id, contentType, sizeBytes, expiresAt }) {
      const nowMs = Math.floor(clock.nowMicros() / 1000);
      const expiresIn = Math.max(1, Math.ceil((expiresAt / 1000 - nowMs) / msPerSecond));
      const put = { ...at(id), ContentType: contentType, ContentLength: sizeBytes };
      const signed = { expiresIn, signingDate: new Date(nowMs), signableHeaders };
      return getSignedUrl(client, new sdk.PutObjectCommand(put), signed);
    },
    async find({ id, contentType, sizeBytes }) {
      const head = await calls.ask((_, options) => client.send(new sdk.HeadObjectCommand(at(id)), options));
      if (head.kind === 'missing') return null;
      if (head.kind !== 'done') return calls.problemOf(head);
      const { ContentLength, ContentType = '', ETag } = head.value;
      const isDeclared = ContentLength === sizeBytes && essence(ContentType) === contentType;
      return isDeclared && ETag !== undefined ? { id, version: ETag } : null;
    },
    async take({ id, version }, blob) {
      const copy = {
        ...{
          Bucket: bucket,
          Key: blobKey(blob),
          CopySource: `${encodeURIComponent(bucket)}/${pendingKey(id)}`,
        },
        ...{ CopySourceIfMatch: version, MetadataDirective: 'REPLACE' as const, ...unshown },
      };
      const taken = await calls.ask(
        (_, options) => client.send(new sdk.CopyObjectCommand(copy), options),
        limits.mediaStoreCopyMs,
      );
      if (taken.kind === 'done') return 'taken';
      return taken.kind === 'changed' || taken.kind === 'missing' ? 'changed' : calls.problemOf(taken);
    },
    discard: (id) => deleteObject(calls, pendingKey(id)),
  };
}

/** Without parameters, which some stores add. */
function essence(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}
