/** How the bytes of an upload come in: through this node, or past it to the store. */

import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type {
  BlobId,
  BytePieces,
  DirectIntake,
  MediaBlobs,
  MediaRecord,
  MediaStore,
  StreamedIntake,
} from '../../ports/media.ts';
import { atMost } from './byte-pieces.ts';

export interface Incoming {
  /** See Media.uploadUrl(). */
  urlOf(media: MediaRecord): Promise<string | null>;
  /** The bytes of what is pending, through this node. */
  receive(record: MediaRecord, pieces: BytePieces): Promise<MediaRecord | Problem>;
  /** The blob that may be confirmed: all bytes that were declared, and it never changes. */
  arrived(record: MediaRecord): Promise<BlobId | Problem>;
  /** After arrived(): whether that blob was confirmed, or is of no use. */
  settled(record: MediaRecord, blob: BlobId, isConfirmed: boolean): Promise<void>;
}

export interface IncomingDeps {
  readonly store: Pick<MediaStore, 'uploaded'>;
  readonly blobs: Pick<MediaBlobs, 'intake' | 'delete'>;
  readonly ids: IdSource;
}

export function openIncoming(deps: IncomingDeps): Incoming {
  const { intake } = deps.blobs;
  return intake.kind === 'streamed' ? streamed(deps, intake) : direct(deps, intake);
}

/** `conflict` with the reason that dialects know. */
export function incompleteUpload(sentence = 'The upload is not complete.'): Problem {
  return new Problem('conflict', sentence, { reason: 'upload_incomplete' });
}

function streamed({ store, blobs, ids }: IncomingDeps, intake: StreamedIntake): Incoming {
  let uploading = 0;

  async function receive(record: MediaRecord, pieces: BytePieces): Promise<MediaRecord | Problem> {
    const { tenant, id, sizeBytes } = record;
    const blob = ids.next();
    const blobBytes = await intake.put(blob, atMost(pieces, sizeBytes));
    if (blobBytes instanceof Problem) return blobBytes;
    const replaced = await store.uploaded(tenant, id, blob, blobBytes);
    if (replaced instanceof Problem) {
      await blobs.delete(blob);
      return replaced;
    }
    if (replaced.former !== null) await blobs.delete(replaced.former);
    return { ...record, blob, blobBytes };
  }

  return {
    urlOf: async () => null,
    async receive(record, pieces) {
      if (uploading >= limits.mediaUploadsInFlightMax) return overloaded('uploads');
      uploading += 1;
      try {
        return await receive(record, pieces);
      } finally {
        uploading -= 1;
      }
    },
    arrived: async ({ blob, blobBytes, sizeBytes }) =>
      blob === null || blobBytes !== sizeBytes ? incompleteUpload() : blob,
    settled: async () => {},
  };
}

/** The record knows the blob before there is one: so whatever dies in between, the sweep finds it. */
function direct({ store, blobs, ids }: IncomingDeps, intake: DirectIntake): Incoming {
  return {
    urlOf: (media) => intake.urlOf(media),
    receive: async () => new Problem('conflict', 'Uploads go to another place by now: ask for a new URL.'),
    async arrived(record) {
      const { tenant, id, sizeBytes } = record;
      const arrival = await intake.find(record);
      if (arrival === null) return incompleteUpload();
      if (arrival instanceof Problem) return arrival;
      const blob = ids.next();
      const replaced = await store.uploaded(tenant, id, blob, sizeBytes);
      if (replaced instanceof Problem) return replaced;
      // Of a confirmation that failed half-way.
      if (replaced.former !== null) await blobs.delete(replaced.former);
      const outcome = await intake.take(arrival, blob);
      return outcome === 'taken' ? blob : outcome === 'changed' ? incompleteUpload() : outcome;
    },
    // What fails here is found by the sweep.
    async settled({ id }, blob, isConfirmed) {
      await (isConfirmed ? intake.discard(id) : blobs.delete(blob));
    },
  };
}
