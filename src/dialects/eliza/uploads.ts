/** Files that come in forms: one, in the field `file`, of a type that this API takes (eliza.md §4). */
import type { BodyStream } from '../../contract/operation.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Form, FormFile } from '../../ports/http/forms.ts';
import type { ElizaDeps } from './deps.ts';
import { CodedProblem } from './refuse.ts';

export const audioTypes: ReadonlySet<string> = new Set([
  ...['audio/mpeg', 'audio/mp3', 'audio/wav', 'audio/ogg', 'audio/webm', 'audio/mp4', 'audio/aac'],
  ...['audio/flac', 'audio/x-wav', 'audio/wave'],
]);

export const mediaTypes: ReadonlySet<string> = new Set([
  ...audioTypes,
  ...['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'video/mp4', 'video/webm'],
  ...['application/pdf', 'text/plain'],
]);

/** A form with a file whose bytes are there. */
export interface UploadForm extends Pick<Form, 'fields'> {
  readonly file: FormFile;
}

/** Larger bodies are refused before they are read; up to here their refusal says what is wrong. */
export const uploadBodyBytesMax = limits.mediaBytesMax;

/**
 * Reads the form of a request, then does the work. Refusals have the codes of upstream where it has one
 * (`FILE_TOO_LARGE`, `INVALID_REQUEST`).
 */
export async function useUpload<T>(
  { forms, uploads }: ElizaDeps['media'],
  stream: BodyStream | null,
  types: ReadonlySet<string>,
  work: (form: UploadForm) => Promise<T | Problem>,
): Promise<T | Problem> {
  if (stream === null) return new Problem('internal');
  const fileBytesMax = Math.min(limits.uploadedFileBytesMax, uploads.bytesMax);
  const bodyBytesMax = fileBytesMax + limits.formOverheadBytesMax;
  if (stream.lengthBytes !== null && stream.lengthBytes > bodyBytesMax) return tooLarge(fileBytesMax);
  const rules = { fileField: 'file', fileBytesMax, acceptsType: (type: string) => types.has(type) };
  const done = await forms.use(stream, rules, async ({ fields, file }) => {
    if (file === null) return new CodedProblem('invalid_request', 'INVALID_REQUEST', 'No file provided');
    if (file.sizeBytes === 0)
      return new CodedProblem('invalid_request', 'INVALID_REQUEST', 'The file is empty');
    return work({ fields, file });
  });
  return done instanceof Problem ? inWords(done, fileBytesMax) : done;
}

function inWords(problem: Problem, fileBytesMax: number): Problem {
  switch (problem.reason) {
    case 'file_too_large':
      return tooLarge(fileBytesMax);
    case 'file_type':
      return new CodedProblem('invalid_request', 'INVALID_FILE_TYPE', problem.message);
    case 'file_field':
    case 'invalid_form':
      return new CodedProblem('invalid_request', 'INVALID_REQUEST', problem.message);
    case 'not_a_form':
      return new CodedProblem(
        'invalid_request',
        'INVALID_CONTENT_TYPE',
        'The Content-Type must be multipart/form-data',
      );
    default:
      return problem;
  }
}

function tooLarge(fileBytesMax: number): Problem {
  const sentence = `The file may have ${fileBytesMax} bytes`;
  return new CodedProblem('too_large', 'FILE_TOO_LARGE', sentence);
}
