/** Forms with a file, as browsers send them (multipart/form-data). */
import type { Problem } from '../../domain/problem.ts';
import type { BytePieces } from '../media.ts';

export interface FormFile {
  /** As sent: it may hold anything, path separators among it. */
  readonly filename: string;
  /** As declared, in lower case, without parameters. */
  readonly contentType: string;
  /** May be 0. */
  readonly sizeBytes: number;
  /** From the beginning; may be asked for again, until the form is given back. */
  pieces(): BytePieces;
}

export interface Form {
  /** The last value of each. */
  readonly fields: ReadonlyMap<string, string>;
  /** Null: there was none. */
  readonly file: FormFile | null;
}

export interface FormRules {
  /** Name of the one field with a file. */
  readonly fileField: string;
  readonly fileBytesMax: number;
  readonly acceptsType: (contentType: string) => boolean;
}

/** Of a request. */
export interface FormBody {
  readonly contentType: string;
  readonly pieces: BytePieces;
}

export interface Forms {
  /**
   * Reads a form to its end, then does the work, during which its file can be read. Problems of the form:
   * `unsupported_media_type` with the reason `not_a_form`; `too_large` with `file_too_large`; `invalid_request` with
   * `file_type`, `file_field` or `invalid_form`; `overloaded`.
   */
  use<T>(body: FormBody, rules: FormRules, work: (form: Form) => Promise<T | Problem>): Promise<T | Problem>;
}
