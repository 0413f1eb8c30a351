/** Uploads: begun, filled, confirmed, attached. The bytes go through here piece by piece. */
import type { TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type {
  BlobId,
  Media,
  MediaBlobs,
  MediaId,
  MediaRecord,
  MediaStore,
  Upload,
} from '../../ports/media.ts';
import { atMost, firstBytes } from './byte-pieces.ts';
import { incompleteUpload, openIncoming } from './incoming.ts';
import { isPicture, mayBeShown, sniffedBytes } from './sniff.ts';

export interface MediaDeps {
  readonly store: MediaStore;
  readonly blobs: MediaBlobs;
  readonly clock: Pick<Clock, 'nowMicros'>;
  readonly ids: IdSource;
  readonly bytesMax: number;
  /** Called for each confirmed picture; resolves when it has its thumbnail, or will not have one soon. */
  readonly onPicture: (record: MediaRecord) => Promise<void>;
  /** The end of what is under way for a picture; null: nothing is. */
  readonly pictureEnd: (id: MediaId) => Promise<void> | null;
}

export function openMedia({ store, blobs, clock, ids, bytesMax, ...pictures }: MediaDeps): Media {
  const incoming = openIncoming({ store, blobs, ids });
  const confirming = new Map<string, Promise<MediaRecord | Problem>>();

  async function own(by: Principal, id: MediaId): Promise<MediaRecord | Problem> {
    const record = await store.find(by.tenant, id);
    if (record === null || record instanceof Problem) return record ?? new Problem('not_found');
    return record.uploader === by.id ? record : new Problem('not_found');
  }

  async function confirm(tenant: TenantId, record: MediaRecord): Promise<MediaRecord | Problem> {
    const blob = await incoming.arrived(record);
    if (blob instanceof Problem) return blob;
    return look(tenant, record, blob, (isConfirmed) => incoming.settled(record, blob, isConfirmed));
  }

  /** What is in that blob is the file from now on. */
  async function look(
    tenant: TenantId,
    { id, sizeBytes, contentType }: MediaRecord,
    blob: BlobId,
    settled: (isConfirmed: boolean) => Promise<void>,
  ): Promise<MediaRecord | Problem> {
    const head = await firstBytes(blobs.read(blob, 0, Math.min(sniffedBytes, sizeBytes) - 1), sniffedBytes);
    // Uploaded to another directory, or lost since.
    if (head instanceof Problem) return head.code === 'not_found' ? incompleteUpload() : head;
    const isThumbnailDue = isPicture(contentType, head) && sizeBytes <= limits.thumbnailSourceBytesMax;
    const isShown = mayBeShown(contentType, head);
    const confirmed = await store.confirm(tenant, id, { blob, isShown, isThumbnailDue });
    if (confirmed instanceof Problem) return confirmed;
    await settled(confirmed !== null);
    if (confirmed === null) return incompleteUpload('It is being uploaded again.');
    if (!isThumbnailDue) return confirmed;
    await pictures.onPicture(confirmed);
    const present = await store.find(tenant, id);
    return present === null || present instanceof Problem ? confirmed : present;
  }

  /** Two confirmations of one upload at once are one: they would take each other's blob away. */
  function confirmOnce(tenant: TenantId, record: MediaRecord): Promise<MediaRecord | Problem> {
    const key = `${tenant}/${record.id}`;
    const running = confirming.get(key);
    if (running !== undefined) return running;
    const begun = confirm(tenant, record).finally(() => confirming.delete(key));
    confirming.set(key, begun);
    return begun;
  }

  async function begin(
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

  return {
    bytesMax,
    begin: (by, upload) => begin(by, { ...upload, folder: null }),
    uploadUrl: (media) => incoming.urlOf(media),
    async upload(tenant, id, pieces) {
      const record = await store.find(tenant, id);
      if (record === null || record instanceof Problem) return record ?? new Problem('not_found');
      if (record.status === 'ready') return new Problem('conflict', 'This upload is confirmed already.');
      return incoming.receive(record, pieces);
    },
    async confirm(by, id) {
      const record = await own(by, id);
      if (record instanceof Problem || record.status === 'ready') return record;
      const confirmed = await confirmOnce(by.tenant, record);
      // Two at once, on two nodes: the other one was faster.
      const isRace = confirmed instanceof Problem && confirmed.code === 'conflict';
      const present = isRace ? await own(by, id) : confirmed;
      return present instanceof Problem || present.status === 'ready' ? present : confirmed;
    },
    async store(by, upload, pieces) {
      const record = await begin(by, upload);
      if (record instanceof Problem) return record;
      const { id, sizeBytes } = record;
      const blob = ids.next();
      // The record knows the blob before there is one: so whatever dies in between, the sweep finds it.
      const named = await store.uploaded(by.tenant, id, blob, sizeBytes);
      if (named instanceof Problem) return named;
      const refused = await blobs.write(blob, sizeBytes, atMost(pieces, sizeBytes));
      return refused ?? look(by.tenant, record, blob, async () => {});
    },
    find: (tenant, id) => store.find(tenant, id),
    async lateThumbnail({ tenant, id }) {
      const end = pictures.pictureEnd(id);
      if (end === null) return null;
      await end;
      const present = await store.find(tenant, id);
      return present instanceof Problem || present?.thumbnail == null ? null : present;
    },
    async attach(by, mediaIds, place) {
      const attached = await store.attach(by.tenant, by.id, mediaIds, place, clock.nowMicros());
      if (attached !== null) return attached;
      return new Problem(
        'invalid_request',
        'Only own, confirmed uploads of no other message can be attached.',
        {
          fields: [{ path: 'media_ids', reason: 'not_attachable' }],
        },
      );
    },
    copy: (by, from, to) => store.copy(by.tenant, by.id, from, to, clock.nowMicros()),
    detach: (by, mediaIds, message) => store.detach(by.tenant, mediaIds, message),
    discard: (by, mediaIds, message) => store.discard(by.tenant, mediaIds, message, clock.nowMicros()),
    read: (blob, from, to) => blobs.read(blob, from, to),
  };
}
