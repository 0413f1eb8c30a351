/** Files that are attached to messages: their records in Postgres, their bytes on disk or in a store. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openForms } from '../adapters/forms/open-forms.ts';
import { openDeploymentKeys } from '../adapters/postgres/deployment-keys.ts';
import type { IdentityPools } from '../adapters/postgres/identity/identity-store.ts';
import { openMediaStore } from '../adapters/postgres/media/media-store.ts';
import { openUrlSigner } from '../adapters/system/url-signer.ts';
import { openThumbnails } from '../adapters/thumbnails/thumbnails.ts';
import type { Config } from '../config/config.ts';
import { openMedia } from '../core/media/open-media.ts';
import { openPictureWork } from '../core/media/picture-work.ts';
import { sweepRegularly } from '../core/media/sweep-uploads.ts';
import { deploymentKey } from '../core/sealing/deployment-key.ts';
import { Problem } from '../domain/problem.ts';
import type { Clock } from '../ports/clock.ts';
import type { Forms } from '../ports/http/forms.ts';
import type { IdSource } from '../ports/id-source.ts';
import type { Logger } from '../ports/logger.ts';
import type { Media, UrlSigner } from '../ports/media.ts';
import type { KeyWrap } from '../ports/sealing/key-wrap.ts';
import { type MediaBlobConfig, openMediaBlobs } from './media-blobs.ts';
import type { Releases } from './releases.ts';

export interface MediaSideOptions {
  readonly pools: IdentityPools;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly wrap: KeyWrap | null;
}

export interface MediaSide {
  readonly uploads: Media;
  readonly signer: UrlSigner;
  /** Requests that bring a file in a form. */
  readonly forms: Forms;
}

/** Rejects when Postgres is away. */
export async function openMediaSide(
  config: MediaBlobConfig & Pick<Config, 'mediaBytesMax'>,
  { pools, clock, ids, logger, wrap }: MediaSideOptions,
  releases: Releases,
): Promise<MediaSide> {
  const signer = openUrlSigner(await keyOfUrls(pools, wrap));
  const store = openMediaStore(pools);
  const blobs = await openMediaBlobs(config, { clock, logger }, releases);
  const work = openPictureWork({
    ...{ store, blobs, clock, ids, logger },
    thumbnails: openThumbnails(logger),
  });
  releases.add('thumbnails', () => work.idle());
  releases.add('sweep of uploads', sweepRegularly({ store, blobs, clock }));
  const { mediaBytesMax: bytesMax } = config;
  return {
    uploads: openMedia({ store, blobs, clock, ids, bytesMax, onPicture: work.begin, pictureEnd: work.end }),
    signer,
    forms: openForms({ directory: join(config.dataDir, 'forms'), newId: () => ids.next(), logger }),
  };
}

async function keyOfUrls(pools: IdentityPools, wrap: KeyWrap | null): Promise<Uint8Array> {
  const key = await deploymentKey('media-urls', {
    ...{ store: openDeploymentKeys(pools.identity), wrap },
    fresh: () => randomBytes(32),
    toText: (bytes) => Buffer.from(bytes).toString('base64url'),
    toBytes: (text) => Buffer.from(text, 'base64url'),
  });
  if (key instanceof Problem) throw new Error(`the key of media URLs cannot be read: ${key.message}`);
  return key;
}
