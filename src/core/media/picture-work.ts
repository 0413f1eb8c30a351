/** Thumbnails of confirmed pictures: made beside the request, which waits for a moment only. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MediaBlobs, MediaId, MediaRecord, MediaStore, Thumbnails } from '../../ports/media.ts';

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
  /** The end of what is under way for this file; null: nothing is. */
  readonly end: (media: MediaId) => Promise<void> | null;
  /** Resolves when nothing is under way. */
  readonly idle: () => Promise<void>;
}

export function openPictureWork(deps: PictureWorkDeps): PictureWork {
  const underWay = new Map<MediaId, Promise<void>>();
  return {
    begin(record) {
      const work = makeOne(deps, record).catch((error: unknown) => {
        deps.logger.error({ error, media: record.id }, 'a thumbnail was not made');
      });
      const done = work.then(() => void underWay.delete(record.id));
      underWay.set(record.id, done);
      return Promise.race([done, new Promise<void>((r) => void deps.clock.after(limits.thumbnailWaitMs, r))]);
    },
    end: (media) => underWay.get(media) ?? null,
    idle: async () => void (await Promise.all(underWay.values())),
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
