/** Media in the words of Vero (vero.md §7). */
import { formatMicros } from '../../../../domain/time.ts';
import type { MediaRecord } from '../../../../ports/media.ts';
import type { Media } from '../wire.ts';
import type { MediaUrls } from './media-urls.ts';

/** For a caller who may see it: with URLs that count for an hour. */
export function encodeMedia(record: MediaRecord, urls: Pick<MediaUrls, 'read'>): Media {
  const { width, height, place, status, thumbnail } = record;
  return {
    id: record.id,
    status,
    filename: record.filename,
    content_type: record.contentType,
    size_bytes: record.sizeBytes,
    ...(width === null ? {} : { width }),
    ...(height === null ? {} : { height }),
    cdn_url: status === 'ready' ? urls.read('content', record, null) : null,
    thumbnail_url: thumbnail === null ? null : urls.read('thumbnail', record, null),
    message_id: place?.message ?? null,
    uploader_id: record.uploader,
    created_at: formatMicros(record.createdAt),
  };
}
