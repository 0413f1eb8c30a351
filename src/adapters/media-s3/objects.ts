import type { Problem } from '../../domain/problem.ts';
import type { S3Calls } from './s3-calls.ts';

/** Of every blob: if a bucket is open to the world by mistake, no browser shows what lies in it. */
export const unshown = { ContentType: 'application/octet-stream', ContentDisposition: 'attachment' } as const;

/** Idempotent, as S3 has it. */
export async function deleteObject(calls: S3Calls, key: string): Promise<Problem | null> {
  const command = new calls.sdk.DeleteObjectCommand({ Bucket: calls.bucket, Key: key });
  const gone = await calls.ask((client, options) => client.send(command, options));
  return gone.kind === 'done' || gone.kind === 'missing' ? null : calls.problemOf(gone);
}
