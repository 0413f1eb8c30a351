/** The end of an upload: its bytes are all there, a look at them says what they are, and a picture gets its thumbnail. */
import type { TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { BlobId, MediaBlobs, MediaRecord, MediaStore } from '../../ports/media.ts';
import { firstBytes } from './byte-pieces.ts';
import { type Incoming, incompleteUpload } from './incoming.ts';
import { isPicture, mayBeShown, sniffedBytes } from './sniff.ts';

export interface ConfirmingDeps {
  readonly store: Pick<MediaStore, 'find' | 'confirm'>;
  readonly blobs: Pick<MediaBlobs, 'read'>;
  readonly incoming: Pick<Incoming, 'arrived' | 'settled'>;
  /** Called for each confirmed picture; resolves when it has its thumbnail, or will not have one soon. */
  readonly onPicture: (record: MediaRecord) => Promise<void>;
}

export class Confirming {
  readonly #deps: ConfirmingDeps;
  /** By tenant and upload; bounded by the requests in flight. */
  readonly #running = new Map<string, Promise<MediaRecord | Problem>>();

  constructor(deps: ConfirmingDeps) {
    this.#deps = deps;
  }

  /** Two confirmations of one upload at once are one: they would take each other's blob away. */
  confirm(tenant: TenantId, record: MediaRecord): Promise<MediaRecord | Problem> {
    const key = `${tenant}/${record.id}`;
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const begun = this.#confirmOne(tenant, record).finally(() => this.#running.delete(key));
    this.#running.set(key, begun);
    return begun;
  }

  /** What is in that blob is the file from now on. `settled` is told whether it was confirmed, or is of no use. */
  async look(
    tenant: TenantId,
    { id, sizeBytes, contentType }: MediaRecord,
    blob: BlobId,
    settled: (isConfirmed: boolean) => Promise<void>,
  ): Promise<MediaRecord | Problem> {
    const { store, blobs, onPicture } = this.#deps;
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
    await onPicture(confirmed);
    const present = await store.find(tenant, id);
    return present === null || present instanceof Problem ? confirmed : present;
  }

  async #confirmOne(tenant: TenantId, record: MediaRecord): Promise<MediaRecord | Problem> {
    const { incoming } = this.#deps;
    const blob = await incoming.arrived(record);
    if (blob instanceof Problem) return blob;
    return this.look(tenant, record, blob, (isConfirmed) => incoming.settled(record, blob, isConfirmed));
  }
}
