/**
 * Files that principals upload and attach to messages: what is known of each in a store, its bytes in another.
 *
 *   pending --all bytes are there, and its uploader says so--> ready      pending --in vain--> gone
 *   ready --attached to a message, which is deleted--> gone
 */
import type { ConversationId, MessageId, PrincipalId, TenantId } from '../domain/ids.ts';
import type { Principal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { Micros } from '../domain/time.ts';

export type MediaId = string;
/** Names bytes that never change; made by us, and nothing of it comes from outside. */
export type BlobId = string;

/** The message that it is attached to. */
export interface MediaPlace {
  readonly conversation: ConversationId;
  readonly message: MessageId;
}

export interface Thumbnail {
  readonly blob: BlobId;
  readonly sizeBytes: number;
}

export interface MediaRecord {
  readonly tenant: TenantId;
  readonly id: MediaId;
  readonly uploader: PrincipalId;
  readonly filename: string;
  /** As declared, in lower case, without parameters. */
  readonly contentType: string;
  /** As declared; what is ready has exactly so many. */
  readonly sizeBytes: number;
  readonly status: 'pending' | 'ready';
  /** What was uploaded last; null: nothing yet. */
  readonly blob: BlobId | null;
  readonly blobBytes: number | null;
  /** A browser may show it instead of saving it. */
  readonly isShown: boolean;
  readonly width: number | null;
  readonly height: number | null;
  readonly thumbnail: Thumbnail | null;
  readonly place: MediaPlace | null;
  /** When it was attached; null also for what was attached long ago. */
  readonly placedAt: Micros | null;
  /** Where a dialect serves it by a name of its own; null: nowhere. */
  readonly folder: string | null;
  readonly createdAt: Micros;
  /** Of a pending one: confirmed by then, or gone. */
  readonly expiresAt: Micros;
}

export type NewMedia = Pick<
  MediaRecord,
  | 'tenant'
  | 'id'
  | 'uploader'
  | 'filename'
  | 'contentType'
  | 'sizeBytes'
  | 'folder'
  | 'createdAt'
  | 'expiresAt'
>;

/** What was found out when it was confirmed. */
export interface Confirmed {
  readonly blob: BlobId;
  readonly isShown: boolean;
  readonly isThumbnailDue: boolean;
}

export interface Thumbnailed {
  readonly width: number;
  readonly height: number;
  /** Null: there is none. */
  readonly thumbnail: Thumbnail | null;
}

export interface MediaStore {
  /** `rate_limited` when the uploader has limits.mediaPendingPerPrincipalMax that are not confirmed. */
  create(media: NewMedia): Promise<Problem | null>;
  find(tenant: TenantId, id: MediaId): Promise<MediaRecord | null | Problem>;
  /** What was uploaded counts from now on; answers what it replaces. `conflict` for what is not pending. */
  uploaded(
    tenant: TenantId,
    id: MediaId,
    blob: BlobId,
    bytes: number,
  ): Promise<{ readonly former: BlobId | null } | Problem>;
  /** Null: it is not pending any more, or something else was uploaded meanwhile. */
  confirm(tenant: TenantId, id: MediaId, confirmed: Confirmed): Promise<MediaRecord | null | Problem>;
  /** `not_found`: it waits for none, or is not there any more. */
  thumbnailed(tenant: TenantId, id: MediaId, made: Thumbnailed): Promise<Problem | null>;
  /**
   * Attaches all, which must be the uploader's own, ready, and of no other message; answers them in the order
   * asked for. Null: one of them is not, and none is attached.
   */
  attach(
    tenant: TenantId,
    uploader: PrincipalId,
    ids: readonly MediaId[],
    place: MediaPlace,
    now: Micros,
  ): Promise<readonly MediaRecord[] | null | Problem>;
  /** What is attached to a message, once more for another one: with ids of their own, of the same bytes. */
  copy(
    tenant: TenantId,
    by: PrincipalId,
    from: MediaPlace,
    to: MediaPlace,
    now: Micros,
  ): Promise<readonly MediaRecord[] | Problem>;
  /** Undoes attach() for a message that was not posted, also if its conversation was deleted since. */
  detach(tenant: TenantId, ids: readonly MediaId[], message: MessageId): Promise<Problem | null>;
  /** Undoes copy() for a message that was not posted: they are gone. */
  discard(
    tenant: TenantId,
    ids: readonly MediaId[],
    message: MessageId,
    now: Micros,
  ): Promise<Problem | null>;
  /** Marks up to `limit` whose time is over as gone, and answers them with those that went before `now`. */
  expire(now: Micros, limit: number): Promise<readonly GoneMedia[] | Problem>;
  /** Forgets what is gone. */
  forget(gone: readonly GoneMedia[]): Promise<Problem | null>;
}

export interface GoneMedia {
  readonly tenant: TenantId;
  readonly id: MediaId;
  /** Bytes that nothing else names. */
  readonly blobs: readonly BlobId[];
}

/** A piece is valid until the next one is asked for. */
export type BytePieces = AsyncIterable<Uint8Array | Problem>;

export interface MediaBlobs {
  /** Keeps what we made ourselves (a thumbnail) under a new id; durable when it answers null. */
  keep(blob: BlobId, bytes: Uint8Array): Promise<Problem | null>;
  /**
   * Keeps what came to this node, of just so many bytes, under a new id; durable when it answers null. A Problem among
   * the pieces, or a fault of the store, leaves nothing behind and is answered.
   */
  write(blob: BlobId, sizeBytes: number, pieces: BytePieces): Promise<Problem | null>;
  /** Bytes `from` to `to`, both inclusive and within the blob. A Problem ends it: `not_found`, or the store's fault. */
  read(blob: BlobId, from: number, to: number): BytePieces;
  /** Idempotent. */
  delete(blob: BlobId): Promise<Problem | null>;
  /** Deletes up to `limit` remains of uploads that nobody will confirm any more, begun before `before`. */
  sweep(before: Micros, limit: number): Promise<void>;
  /** How the bytes of uploads come in. */
  readonly intake: Intake;
}

export type Intake = StreamedIntake | DirectIntake;

/** Through a node, piece by piece. */
export interface StreamedIntake {
  readonly kind: 'streamed';
  /**
   * Keeps the pieces under a new id; durable when it answers how many bytes they have. A Problem among them, or
   * a fault of the store, leaves nothing behind and is answered.
   */
  put(blob: BlobId, pieces: BytePieces): Promise<number | Problem>;
}

/** Past the nodes, to the store itself: what arrives lies apart until it is taken over. */
export interface DirectIntake {
  readonly kind: 'direct';
  /** Takes a PUT of just this type and size, until `expiresAt`, from whoever has it. Asks nobody. */
  urlOf(upload: Pick<MediaRecord, 'id' | 'contentType' | 'sizeBytes' | 'expiresAt'>): Promise<string>;
  /** What arrived last; null: nothing yet, or not what was declared. */
  find(upload: Pick<MediaRecord, 'id' | 'contentType' | 'sizeBytes'>): Promise<Arrival | null | Problem>;
  /** Copies it to a new blob; durable when it answers `taken`. `changed`: it is not what find() found any more. */
  take(arrival: Arrival, blob: BlobId): Promise<'taken' | 'changed' | Problem>;
  /** Forgets what arrived. Idempotent. */
  discard(id: MediaId): Promise<Problem | null>;
}

export interface Arrival {
  readonly id: MediaId;
  /** Another one for other bytes; the store's own word. */
  readonly version: string;
}

/** Signs URLs of this deployment; every node with the same key. */
export interface UrlSigner {
  sign(fields: readonly string[]): string;
  /** In constant time. */
  verifies(fields: readonly string[], signature: string): boolean;
}

/** Small pictures of raster images. */
export interface Thumbnails {
  /**
   * Null: no picture that it can read. `overloaded`: too many wait already.
   */
  make(
    source: BytePieces,
  ): Promise<
    { readonly width: number; readonly height: number; readonly bytes: Uint8Array } | null | Problem
  >;
}

export type Upload = Pick<NewMedia, 'filename' | 'contentType' | 'sizeBytes'>;

/** What dialects ask. Whether the caller may see the message that something is attached to is theirs to find out. */
export interface Media {
  readonly bytesMax: number;
  begin(by: Principal, upload: Upload): Promise<MediaRecord | Problem>;
  /** Where the bytes of what was begun are to be PUT. Null: through the node, to upload(). */
  uploadUrl(media: MediaRecord): Promise<string | null>;
  /**
   * For who was given a signed URL of a node. Overwrites what was uploaded before; `conflict` once it is confirmed,
   * and where the store takes uploads itself.
   */
  upload(tenant: TenantId, id: MediaId, pieces: BytePieces): Promise<MediaRecord | Problem>;
  /** The uploader's own. `conflict` with the reason `upload_incomplete` while bytes are missing. Idempotent. */
  confirm(by: Principal, id: MediaId): Promise<MediaRecord | Problem>;
  /** All of that at once, for bytes that this node has: what it answers is ready. */
  store(
    by: Principal,
    upload: Upload & { readonly folder: string },
    pieces: BytePieces,
  ): Promise<MediaRecord | Problem>;
  find(tenant: TenantId, id: MediaId): Promise<MediaRecord | null | Problem>;
  /** What is known when the thumbnail is there that is being made on this node; null: none is, or it failed. */
  lateThumbnail(media: Pick<MediaRecord, 'tenant' | 'id'>): Promise<MediaRecord | null>;
  /** Before the message is posted or changed: see MediaStore.attach(). `invalid_request` for null. */
  attach(
    by: Principal,
    ids: readonly MediaId[],
    place: MediaPlace,
  ): Promise<readonly MediaRecord[] | Problem>;
  /** See MediaStore.copy(): for who forwards a message that it sees. */
  copy(by: Principal, from: MediaPlace, to: MediaPlace): Promise<readonly MediaRecord[] | Problem>;
  /** See MediaStore: for a message that surely was not posted. */
  detach(by: Principal, ids: readonly MediaId[], message: MessageId): Promise<Problem | null>;
  discard(by: Principal, ids: readonly MediaId[], message: MessageId): Promise<Problem | null>;
  /** Bytes of a blob of a record: inclusive bounds. */
  read(blob: BlobId, from: number, to: number): BytePieces;
}
