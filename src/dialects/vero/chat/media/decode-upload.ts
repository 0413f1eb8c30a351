import type { Static } from '@sinclair/typebox';
import { cleanFilename } from '../../../../contract/files/filename.ts';
import { limits } from '../../../../domain/limits.ts';
import { type FieldError, Problem } from '../../../../domain/problem.ts';
import type { Upload } from '../../../../ports/media.ts';
import { codePoints } from '../../code-points.ts';
import type { UploadRequest } from './wire.ts';

const allowedTypes =
  /^(?:(?:image|audio|video)\/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}|application\/(?:pdf|zip|octet-stream)|text\/plain)$/;

/** In lower case and without parameters: `Text/Plain; charset=utf-8` is `text/plain`. */
export function essenceOf(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

/** What schemas cannot say: characters, types, and this deployment's own bound. */
export function decodeUpload(body: Static<typeof UploadRequest>, bytesMax: number): Upload | Problem {
  const fields: FieldError[] = [];
  const characters = codePoints(body.filename, limits.filenameCharsMax);
  if (characters === 0) fields.push({ path: 'filename', reason: 'too_short', limit: 1 });
  if (characters > limits.filenameCharsMax) {
    fields.push({ path: 'filename', reason: 'too_long', limit: limits.filenameCharsMax });
  }
  const contentType = essenceOf(body.content_type);
  if (!allowedTypes.test(contentType)) fields.push({ path: 'content_type', reason: 'not_allowed' });
  if (body.size_bytes > bytesMax) fields.push({ path: 'size_bytes', reason: 'too_large', limit: bytesMax });
  if (fields.length > 0) return new Problem('invalid_request', undefined, { fields });
  return { filename: cleanFilename(body.filename), contentType, sizeBytes: body.size_bytes };
}
