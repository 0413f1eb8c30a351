/** The bytes of media, to and from who has a signed URL. */
import { Bytes } from '../../../../contract/files/bytes.ts';
import { type ServedFile, serveFile } from '../../../../contract/files/serve-file.ts';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { canonicalUuid } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { MediaRecord } from '../../../../ports/media.ts';
import { errors } from '../../errors.ts';
import { refuse } from '../../refuse.ts';
import { essenceOf } from './decode-upload.ts';
import type { MediaRouteDeps } from './media-route-deps.ts';
import type { MediaPart, ReadQuery } from './media-urls.ts';
import { ById, ReadParameters, Uploaded, UploadParameters } from './wire.ts';

type Deps = Pick<MediaRouteDeps, 'uploads' | 'urls'>;

export function contentRoutes(deps: Deps): readonly Operation[] {
  return [upload(deps), download(deps, 'content'), download(deps, 'thumbnail')];
}

function upload({ uploads, urls }: Deps): Operation {
  return operation(
    {
      id: 'vero.uploadMedia',
      method: 'PUT',
      path: '/v1/chat/media/:id/content',
      summary: 'Takes the bytes of a file; the URL is that of an upload_url',
      access: 'public',
      schemas: { params: ById, query: UploadParameters },
      responses: {
        200: {
          description: 'They are kept, until the upload is confirmed or its time is over',
          schema: Uploaded,
        },
        ...errors(400, 403, 404, 409, 503),
      },
      streamsBody: true,
      bodyBytesMax: limits.mediaBytesMax,
    },
    async ({ params, query, stream }) => {
      const id = canonicalUuid(params.id) ?? params.id;
      if (!urls.mayUpload(id, query)) return unsigned();
      if (stream === null) return new Problem('internal');
      if (essenceOf(stream.contentType) !== query.type) {
        return new Problem('invalid_request', 'The Content-Type is not the one that was declared.', {
          fields: [{ path: 'Content-Type', reason: 'not_as_declared' }],
        });
      }
      // Known before the first byte is kept.
      if (stream.lengthBytes !== null && stream.lengthBytes > Number(query.size)) {
        return new Problem('too_large', `The upload was declared with ${query.size} bytes.`);
      }
      const media = await uploads.upload(query.tenant ?? '', id, stream.pieces);
      if (media instanceof Problem) return media;
      return { status: 200, body: { media_id: media.id, size_bytes: media.blobBytes } };
    },
  );
}

function download({ uploads, urls }: Deps, part: MediaPart): Operation {
  const isContent = part === 'content';
  return operation(
    {
      id: isContent ? 'vero.downloadMedia' : 'vero.downloadThumbnail',
      method: 'GET',
      path: `/v1/chat/media/:id/${part}`,
      summary: isContent
        ? 'The bytes of a file, or a range of them; the URL is a cdn_url'
        : 'A small picture of a picture; the URL is a thumbnail_url',
      access: 'public',
      schemas: { params: ById, query: ReadParameters },
      responses: {
        200: { description: 'All bytes', schema: Bytes },
        206: { description: 'The range that was asked for', schema: Bytes },
        304: { description: 'The client has them already (If-None-Match)', schema: null },
        416: { description: 'The range begins behind the end', schema: null },
        ...errors(403, 404, 503),
      },
      contentType: isContent ? 'application/octet-stream' : 'image/webp',
      example: { response: '' },
    },
    async (request) => {
      const id = canonicalUuid(request.params.id) ?? request.params.id;
      const { query } = request;
      if (!urls.mayRead(part, id, query)) return unsigned();
      const media = await uploads.find(query.tenant ?? '', id);
      if (media instanceof Problem) return media;
      const served = media === null ? null : partOf(media, part, query);
      if (served === null) return new Problem('not_found');
      return serveFile(served, request, (from, to) => uploads.read(served.blob, from, to), refuse);
    },
  );
}

/** Null: there is no such part, or the URL was made for a message that it is not attached to. */
function partOf(media: MediaRecord, part: MediaPart, { message }: ReadQuery): ServedFile | null {
  if (media.status !== 'ready' || media.blob === null) return null;
  if (message !== undefined && media.place?.message !== message) return null;
  const { filename, contentType, sizeBytes, blob, isShown, thumbnail } = media;
  if (part === 'content') return { blob, sizeBytes, contentType, filename, isShown };
  if (thumbnail === null) return null;
  return { ...thumbnail, contentType: 'image/webp', filename: 'thumbnail.webp', isShown: true };
}

function unsigned(): Problem {
  return new Problem('forbidden', 'The URL is not valid, or not any more.', { reason: 'signature_invalid' });
}
