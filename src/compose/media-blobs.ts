/** Where the bytes of media lie: in an S3-compatible store, or in a directory. */
import { join } from 'node:path';
import { openDiskBlobs } from '../adapters/media-disk/disk-blobs.ts';
import { openS3Blobs } from '../adapters/media-s3/s3-blobs.ts';
import type { S3Place } from '../adapters/media-s3/s3-calls.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { MediaBlobs } from '../ports/media.ts';
import type { Releases } from './releases.ts';

type S3Config = Pick<Config, 's3Endpoint' | 's3Bucket' | 's3Region' | 's3AccessKey' | 's3SecretKey'>;
export type MediaBlobConfig = S3Config & Pick<Config, 'dataDir'>;

export interface MediaBlobParts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A store that is away keeps no node from starting: conversations do not need it. */
export async function openMediaBlobs(
  config: MediaBlobConfig,
  { clock, logger }: MediaBlobParts,
  releases: Releases,
): Promise<MediaBlobs> {
  const place = s3PlaceOf(config);
  if (place === null) return openDiskBlobs({ directory: join(config.dataDir, 'media'), logger });
  const blobs = await openS3Blobs({ place, clock, logger });
  releases.add('store of media', async () => blobs.close());
  const state = await blobs.check();
  if (state !== 'ok') logger.error({ state }, 'the store of media does not answer as it should');
  return blobs;
}

/** Null: no store is configured. All five variables are set, or none (readEnvironment). */
export function s3PlaceOf(config: S3Config): S3Place | null {
  const { s3Endpoint: endpoint, s3Bucket: bucket, s3Region: region } = config;
  const { s3AccessKey: accessKey, s3SecretKey: secretKey } = config;
  if (endpoint === null || bucket === null || region === null) return null;
  if (accessKey === null || secretKey === null) return null;
  return { endpoint, bucket, region, accessKey, secretKey };
}
