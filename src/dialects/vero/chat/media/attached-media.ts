/**
 * What a message's metadata says of its media. It is told again to everybody who reads the message, without
 * asking the database; and as other dialects may write any metadata, nothing follows from it: its URLs count only
 * as long as the upload is attached to that very message.
 */
import { type Static, Type } from '@sinclair/typebox';
import { compileCheck } from '../../../../contract/checking/check.ts';
import type { MessageId, TenantId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { MediaRecord } from '../../../../ports/media.ts';
import type { MediaOf } from '../encode-message.ts';
import type { Media } from '../wire.ts';
import type { MediaUrls } from './media-urls.ts';

const AttachedMedia = Type.Object({
  id: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
  filename: Type.String({ minLength: 1, maxLength: 2 * limits.filenameCharsMax }),
  content_type: Type.String({ maxLength: 127 }),
  size_bytes: Type.Integer({ minimum: 1 }),
  width: Type.Optional(Type.Integer({ minimum: 1 })),
  height: Type.Optional(Type.Integer({ minimum: 1 })),
  thumbnail: Type.Optional(Type.Literal(true)),
  uploader_id: Type.String({ maxLength: limits.principalIdCharsMax }),
  created_at: Type.String({ maxLength: 32 }),
});
export type AttachedMedia = Static<typeof AttachedMedia>;

const check = compileCheck(AttachedMedia);

/** For the metadata of the message that it is attached to. */
export function toAttached(record: MediaRecord): AttachedMedia {
  const { width, height } = record;
  return {
    id: record.id,
    filename: record.filename,
    content_type: record.contentType,
    size_bytes: record.sizeBytes,
    ...(width === null ? {} : { width }),
    ...(height === null ? {} : { height }),
    ...(record.thumbnail === null ? {} : { thumbnail: true }),
    uploader_id: record.uploader,
    created_at: formatMicros(record.createdAt),
  };
}

/** What metadata hold under `media`; whatever is no upload is left out. */
export function attachedIn(metadata: Readonly<Record<string, unknown>>): readonly AttachedMedia[] {
  const { media } = metadata;
  if (!Array.isArray(media)) return [];
  return media
    .slice(0, limits.mediaPerMessageMax)
    .filter((one: unknown): one is AttachedMedia => check.accepts(one));
}

export function mediaOfMessages(urls: Pick<MediaUrls, 'read'>): MediaOf {
  return (tenant, { data }) =>
    attachedIn(data.metadata).map((one) => present(one, tenant, data.message_id, urls));
}

function present(
  { id, thumbnail, width, height, ...facts }: AttachedMedia,
  tenant: TenantId,
  message: MessageId,
  urls: Pick<MediaUrls, 'read'>,
): Media {
  const media = { tenant, id };
  return {
    id,
    status: 'ready',
    filename: facts.filename,
    content_type: facts.content_type,
    size_bytes: facts.size_bytes,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    cdn_url: urls.read('content', media, message),
    thumbnail_url: thumbnail === true ? urls.read('thumbnail', media, message) : null,
    message_id: message,
    uploader_id: facts.uploader_id,
    created_at: facts.created_at,
  };
}
