/** Bodies of routes that take JSON or a form with a recording: whichever comes. */

import { decodeJson } from '../../../contract/checking/json-text.ts';
import type { BodyStream } from '../../../contract/operation.ts';
import { Problem } from '../../../domain/problem.ts';
import type { FormFile } from '../../../ports/http/forms.ts';
import type { ElizaDeps } from '../deps.ts';
import { audioTypes, useUpload } from '../uploads.ts';
import { elizaBodyBytesMax } from '../wire.ts';

/** Fields of a body, checked no further. */
export type BodyFields = Readonly<Record<string, unknown>>;

export interface SaidOrSpoken {
  readonly fields: BodyFields;
  /** Null: it came as JSON. */
  readonly file: FormFile | null;
}

const json = /^application\/json\s*(;|$)/i;

/** JSON goes to `work` without a file. */
export async function useBody<T>(
  { media }: Pick<ElizaDeps, 'media'>,
  stream: BodyStream | null,
  work: (body: SaidOrSpoken) => Promise<T | Problem>,
): Promise<T | Problem> {
  if (stream === null) return new Problem('internal');
  if (!json.test(stream.contentType)) {
    return useUpload(media, stream, audioTypes, ({ fields, file }) =>
      work({ fields: Object.fromEntries(fields), file }),
    );
  }
  const bytes = await wholeOf(stream);
  if (bytes instanceof Problem) return bytes;
  const value = decodeJson(bytes);
  if (value instanceof Problem) return value;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject
    ? work({ fields: value, file: null })
    : new Problem('invalid_request', 'The body must be an object.');
}

async function wholeOf({ pieces }: BodyStream): Promise<Uint8Array | Problem> {
  const copies: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    if (piece instanceof Problem) return piece;
    length += piece.length;
    if (length > elizaBodyBytesMax) {
      const sentence = `The body may have ${elizaBodyBytesMax} bytes.`;
      return new Problem('too_large', sentence, { reason: 'body_too_large' });
    }
    copies.push(piece.slice());
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const copy of copies) {
    whole.set(copy, at);
    at += copy.length;
  }
  return whole;
}
