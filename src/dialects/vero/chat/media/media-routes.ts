/** Uploads: a URL to send the bytes to, the end of the upload, and what is known of it (vero.md §7). */
import { type Operation, operation } from '../../../../contract/operation.ts';
import { canonicalUuid } from '../../../../domain/ids.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { MediaRecord } from '../../../../ports/media.ts';
import { errors } from '../../errors.ts';
import { type Caller, enter } from '../entered.ts';
import { findIn } from '../messages/named-message.ts';
import { Media } from '../wire.ts';
import { attachTo, ownMessage } from './attach-to-message.ts';
import { decodeUpload } from './decode-upload.ts';
import { encodeMedia } from './encode-media.ts';
import { tellLateThumbnail } from './late-thumbnail.ts';
import type { MediaRouteDeps } from './media-route-deps.ts';
import { ById, ConfirmRequest, UploadGrant, UploadRequest } from './wire.ts';

export function mediaRoutes(deps: MediaRouteDeps): readonly Operation[] {
  return [uploadUrl(deps), confirm(deps), read(deps)];
}

function uploadUrl(deps: MediaRouteDeps): Operation {
  const { uploads, urls } = deps;
  return operation(
    {
      id: 'vero.createUpload',
      method: 'POST',
      path: '/v1/chat/media/upload-url',
      summary: 'A URL to PUT a file to, for 15 minutes',
      access: 'principal',
      schemas: { body: UploadRequest },
      responses: {
        201: { description: 'Where the bytes go', schema: UploadGrant },
        ...errors(400, 401, 404, 429, 503),
      },
    },
    async (request) => {
      const { body, principal } = request;
      const upload = decodeUpload(body, uploads.bytesMax);
      if (upload instanceof Problem) return upload;
      if (body.conversation_id !== undefined) {
        const refused = await refusePlace(deps, request, body.conversation_id);
        if (refused !== null) return refused;
      }
      const media = await uploads.begin(principal, upload);
      if (media instanceof Problem) return media;
      return {
        status: 201,
        body: {
          media_id: media.id,
          upload_url: (await uploads.uploadUrl(media)) ?? urls.upload(media),
          method: 'PUT',
          headers: { 'Content-Type': media.contentType },
          expires_at: formatMicros(media.expiresAt),
          max_bytes: media.sizeBytes,
        },
      };
    },
  );
}

/** It is only looked at: what is uploaded may be sent anywhere. */
async function refusePlace(deps: MediaRouteDeps, caller: Caller, id: string): Promise<Problem | null> {
  if (canonicalUuid(id) === null) {
    return new Problem('invalid_request', undefined, {
      fields: [{ path: 'conversation_id', reason: 'format' }],
    });
  }
  const place = await enter(deps, caller, id);
  return place instanceof Problem ? place : null;
}

function confirm(deps: MediaRouteDeps): Operation {
  return operation(
    {
      id: 'vero.confirmUpload',
      method: 'POST',
      path: '/v1/chat/media/:id/confirm',
      summary: 'Says that all bytes are there, and attaches the file to a message of the caller',
      access: 'principal',
      schemas: { params: ById, body: ConfirmRequest },
      responses: {
        200: { description: 'It is ready', schema: Media },
        ...errors(400, 401, 403, 404, 409, 503),
      },
    },
    async (request) => {
      const { principal, params, body, env } = request;
      const id = canonicalUuid(params.id);
      if (id === null) return new Problem('not_found');
      // Before the upload ends: whoever named the wrong message finds it as it was.
      const { message_id: named } = body;
      const place = named === undefined ? null : await ownMessage(deps, request, named);
      if (place instanceof Problem) return place;
      const media = await deps.uploads.confirm(principal, id);
      if (media instanceof Problem) return media;
      if (media.thumbnail === null) void tellLateThumbnail(deps, { principal, env }, media);
      const present = place === null ? media : await attachTo(deps, request, media, place);
      if (present instanceof Problem) return present;
      return { status: 200, body: encodeMedia(present, deps.urls) };
    },
  );
}

function read(deps: MediaRouteDeps): Operation {
  return operation(
    {
      id: 'vero.readMedia',
      method: 'GET',
      path: '/v1/chat/media/:id',
      summary: 'What is known of a file, with URLs of its bytes that count for an hour',
      access: 'principal',
      schemas: { params: ById },
      responses: { 200: { description: 'The file', schema: Media }, ...errors(401, 404, 503) },
    },
    async (request) => {
      const id = canonicalUuid(request.params.id);
      const media = id === null ? null : await deps.uploads.find(request.principal.tenant, id);
      if (media === null || media instanceof Problem) return media ?? new Problem('not_found');
      const refused = await refuseReader(deps, request, media);
      return refused ?? { status: 200, body: encodeMedia(media, deps.urls) };
    },
  );
}

/** Who uploaded it, and who sees the message that it is attached to. */
async function refuseReader(
  deps: MediaRouteDeps,
  caller: Caller,
  { uploader, place }: MediaRecord,
): Promise<Problem | null> {
  if (uploader === caller.principal.id) return null;
  if (place === null) return new Problem('not_found');
  const found = await findIn(deps, caller, place.conversation, place.message);
  return found instanceof Problem ? found : null;
}
