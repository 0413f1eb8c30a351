/** Uploads: begun, filled, confirmed, attached. The bytes go through here piece by piece. */
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Media, MediaBlobs, MediaId, MediaRecord, MediaStore, Upload } from '../../ports/media.ts';
import { atMost } from './byte-pieces.ts';
import { Confirming, type ConfirmingDeps } from './confirming.ts';
import { openIncoming } from './incoming.ts';

export interface MediaDeps extends Pick<ConfirmingDeps, 'onPicture'> {
  readonly store: MediaStore;
  readonly blobs: MediaBlobs;
  readonly clock: Pick<Clock, 'nowMicros'>;
  readonly ids: IdSource;
  readonly bytesMax: number;
  /** The end of what is under way for a picture; null: nothing is. */
  readonly pictureEnd: (id: MediaId) => Promise<void> | null;
}

export function openMedia(deps: MediaDeps): Media {
  const { store, blobs, clock, ids, bytesMax, onPicture } = deps;
  const incoming = openIncoming({ store, blobs, ids });
  const confirming = new Confirming({ store, blobs, incoming, onPicture });

  return {
    bytesMax,
    begin: (by, upload) => beginUpload(deps, by, { ...upload, folder: null }),
    uploadUrl: (media) => incoming.urlOf(media),
    async upload(tenant, id, pieces) {
      const record = await store.find(tenant, id);
      if (record === null || record instanceof Problem) return record ?? new Problem('not_found');
      if (record.status === 'ready') return new Problem('conflict', 'This upload is confirmed already.');
      return incoming.receive(record, pieces);
    },
    async confirm(by, id) {
      const record = await ownUpload(store, by, id);
      if (record instanceof Problem || record.status === 'ready') return record;
      const confirmed = await confirming.confirm(by.tenant, record);
      // Two at once, on two nodes: the other one was faster.
      const isRace = confirmed instanceof Problem && confirmed.code === 'conflict';
      const present = isRace ? await ownUpload(store, by, id) : confirmed;
      return present instanceof Problem || present.status === 'ready' ? present : confirmed;
    },
    async store(by, upload, pieces) {
      const record = await beginUpload(deps, by, upload);
      if (record instanceof Problem) return record;
      const { id, sizeBytes } = record;
      const blob = ids.next();
      // The record knows the blob before there is one: so whatever dies in between, the sweep finds it.
      const named = await store.uploaded(by.tenant, id, blob, sizeBytes);
      if (named instanceof Problem) return named;
      const refused = await blobs.write(blob, sizeBytes, atMost(pieces, sizeBytes));
      return refused ?? confirming.look(by.tenant, record, blob, async () => {});
    },
    find: (tenant, id) => store.find(tenant, id),
    async lateThumbnail({ tenant, id }) {
      const end = deps.pictureEnd(id);
      if (end === null) return null;
      await end;
      const present = await store.find(tenant, id);
      return present instanceof Problem || present?.thumbnail == null ? null : present;
    },
    async attach(by, mediaIds, place) {
      const attached = await store.attach(by.tenant, by.id, mediaIds, place, clock.nowMicros());
      return attached ?? notAttachable();
    },
    copy: (by, from, to) => store.copy(by.tenant, by.id, from, to, clock.nowMicros()),
    detach: (by, mediaIds, message) => store.detach(by.tenant, mediaIds, message),
    discard: (by, mediaIds, message) => store.discard(by.tenant, mediaIds, message, clock.nowMicros()),
    read: (blob, from, to) => blobs.read(blob, from, to),
  };
}

/** `not_found`: there is none, or it is another's. */
async function ownUpload(
  store: Pick<MediaStore, 'find'>,
  by: Principal,
  id: MediaId,
): Promise<MediaRecord | Problem> {
  const record = await store.find(by.tenant, id);
  if (record === null || record instanceof Problem) return record ?? new Problem('not_found');
  return record.uploader === by.id ? record : new Problem('not_found');
}

async function beginUpload(
  { store, clock, ids }: Pick<MediaDeps, 'store' | 'clock' | 'ids'>,
  { tenant, id: uploader }: Principal,
  upload: Upload & Pick<MediaRecord, 'folder'>,
): Promise<MediaRecord | Problem> {
  const createdAt = clock.nowMicros();
  const expiresAt = createdAt + limits.mediaUploadMs * 1000;
  const media = { tenant, uploader, id: ids.next(), ...upload, createdAt, expiresAt };
  const refused = await store.create(media);
  if (refused !== null) return refused;
  return {
    ...media,
    ...{ status: 'pending', blob: null, blobBytes: null, isShown: false, width: null, height: null },
    ...{ thumbnail: null, place: null, placedAt: null },
  };
}

function notAttachable(): Problem {
  return new Problem('invalid_request', 'Only own, confirmed uploads of no other message can be attached.', {
    fields: [{ path: 'media_ids', reason: 'not_attachable' }],
  });
}
