import type { MediaRecord } from '../../../ports/media.ts';

export interface MediaRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly uploader_id: string;
  readonly filename: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly status: 'pending' | 'ready';
  readonly blob: string | null;
  readonly blob_bytes: number | null;
  readonly is_shown: boolean;
  readonly width: number | null;
  readonly height: number | null;
  readonly thumbnail_blob: string | null;
  readonly thumbnail_bytes: number | null;
  readonly conversation_id: string | null;
  readonly message_id: string | null;
  readonly placed_us: number | null;
  readonly folder: string | null;
  readonly created_us: number;
  readonly expires_us: number;
}

export function toMedia(row: MediaRow): MediaRecord {
  const { conversation_id: conversation, message_id: message } = row;
  const { thumbnail_blob: thumbnailBlob, thumbnail_bytes: thumbnailBytes } = row;
  return {
    tenant: row.tenant_id,
    id: row.id,
    uploader: row.uploader_id,
    filename: row.filename,
    contentType: row.content_type,
    sizeBytes: row.size_bytes,
    status: row.status,
    blob: row.blob,
    blobBytes: row.blob_bytes,
    isShown: row.is_shown,
    width: row.width,
    height: row.height,
    thumbnail:
      thumbnailBlob === null || thumbnailBytes === null
        ? null
        : { blob: thumbnailBlob, sizeBytes: thumbnailBytes },
    place: conversation === null || message === null ? null : { conversation, message },
    placedAt: row.placed_us,
    folder: row.folder,
    createdAt: row.created_us,
    expiresAt: row.expires_us,
  };
}
