/** Thumbnails of confirmed pictures: made beside the request, which waits for a moment only. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MediaBlobs, MediaRecord, MediaStore, Thumbnails } from '../../ports/media.ts';

export interface PictureWorkDeps {
  readonly store: Pick<MediaStore, 'thumbnailed'>;
  readonly blobs: Pick<MediaBlobs, 'keep' | 'read' | 'delete'>;
  readonly thumbnails: Thumbnails;
  readonly clock: Pick<Clock, 'after'>;
  readonly ids: IdSource;
  readonly logger: Pick<Logger, 'error'>;
}

export interface PictureWork {
  /** Resolves when the thumbnail is there, will not be, or takes longer than limits.thumbnailWaitMs. */
  readonly begin: (record: MediaRecord) => Promise<void>;
  /** Resolves when nothing is under way. */
  readonly idle: () => Promise<void>;
}

export function openPictureWork(deps: PictureWorkDeps): PictureWork {
  const underWay = new Set<Promise<void>>();
  return {
    begin(record) {
      const work = makeOne(deps, record).catch((error: unknown) => {
        deps.logger.error({ err: error, media: record.id }, 'a thumbnail was not made');
      });
      underWay.add(work);
      const done = work.then(() => void underWay.delete(work));
      return Promise.race([done, new Promise<void>((r) => void deps.clock.after(limits.thumbnailWaitMs, r))]);
    },
    idle: async () => void (await Promise.all(underWay)),
  };
}

async function makeOne(
  { store, blobs, thumbnails, ids }: PictureWorkDeps,
  { tenant, id, blob, sizeBytes }: MediaRecord,
): Promise<void> {
  if (blob === null) return;
  const made = await thumbnails.make(blobs.read(blob, 0, sizeBytes - 1));
  if (made === null || made instanceof Problem) return;
  const { width, height, bytes } = made;
  const small = ids.next();
  const failed = await blobs.keep(small, bytes);
  const thumbnail = failed !== null ? null : { blob: small, sizeBytes: bytes.length };
  const stored = await store.thumbnailed(tenant, id, { width, height, thumbnail });
  if (stored !== null && thumbnail !== null) await blobs.delete(small);
}
