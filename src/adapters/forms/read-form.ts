/** One form, from its first byte to its last. */
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { FormBody, FormRules } from '../../ports/http/forms.ts';
import type { SpooledFile } from './spooled-file.ts';

export interface ReadForm {
  readonly fields: ReadonlyMap<string, string>;
  /** What was said of the file that was spooled; null: there was none. */
  readonly file: { readonly filename: string; readonly contentType: string } | null;
}

const multipart = /^multipart\/form-data\s*(;|$)/i;

/** Rejects with the error of the disk. Whatever is answered, nothing is under way any more. */
export async function readForm(
  body: FormBody,
  rules: FormRules,
  spool: SpooledFile,
): Promise<ReadForm | Problem> {
  if (!multipart.test(body.contentType))
    return new Problem('unsupported_media_type', undefined, { reason: 'not_a_form' });
  const parser = parserOf(body.contentType);
  if (parser === null) return malformed();
  const reading = new Reading(parser, rules, spool);
  try {
    for await (const piece of body.pieces) {
      if (piece instanceof Problem) return await reading.cut(piece);
      // A copy: a piece is valid until the next one is asked for.
      if (!(await reading.takes(Buffer.from(piece)))) break;
    }
    return await reading.result();
  } finally {
    parser.destroy();
  }
}

function parserOf(contentType: string): BusboyInstance | null {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      // Names with their paths: who refuses those must see them.
      preservePath: true,
      limits: {
        fields: limits.formFieldsMax,
        fieldSize: limits.formFieldBytesMax,
        files: 1,
        parts: limits.formFieldsMax + 1,
        headerPairs: limits.formHeadersMax,
        headerSize: limits.formHeaderBytesMax,
      },
    });
  } catch {
    // No boundary.
    return null;
  }
}

/** What becomes of a form while it is read: the first thing that is wrong ends it. */
class Reading {
  readonly #parser: BusboyInstance;
  readonly #rules: FormRules;
  readonly #spool: SpooledFile;
  readonly #fields = new Map<string, string>();
  readonly #over: Promise<void>;
  #end: () => void = () => {};
  #refused: Problem | null = null;
  #failed: unknown = null;
  #file: ReadForm['file'] = null;
  #spooling: Promise<void> | null = null;

  constructor(parser: BusboyInstance, rules: FormRules, spool: SpooledFile) {
    this.#parser = parser;
    this.#rules = rules;
    this.#spool = spool;
    this.#over = new Promise((resolve) => {
      this.#end = resolve;
    });
    const tooMuch = (): void => this.#refuse(malformed('The form has too many parts.'));
    parser
      .on('field', (name, value, _, isCut) => this.#takeField(name, value, isCut))
      .on('file', (name, stream, filename, _, contentType) =>
        this.#takeFile(name, stream, { filename, contentType }),
      )
      .on('filesLimit', () => this.#refuse(badField(rules.fileField)))
      .on('fieldsLimit', tooMuch)
      .on('partsLimit', tooMuch)
      .on('error', () => this.#refuse(malformed()))
      .on('finish', this.#end);
  }

  /** False: it is decided already. */
  async takes(piece: Buffer): Promise<boolean> {
    const written = new Promise<void>((resolve) => this.#parser.write(piece, () => resolve()));
    await Promise.race([written, this.#over]);
    return this.#refused === null && this.#failed === null;
  }

  /** No more of it comes, for that reason. */
  cut(problem: Problem): Promise<ReadForm | Problem> {
    this.#refuse(problem);
    return this.result();
  }

  async result(): Promise<ReadForm | Problem> {
    if (this.#refused === null && this.#failed === null) {
      this.#parser.end();
      await this.#over;
    }
    if (this.#refused !== null || this.#failed !== null) this.#parser.destroy();
    await this.#spooling;
    if (this.#failed !== null) throw this.#failed;
    return this.#refused ?? { fields: this.#fields, file: this.#file };
  }

  #refuse(problem: Problem): void {
    this.#refused ??= problem;
    this.#end();
  }

  #takeField(name: string | undefined, value: string, isCut: boolean): void {
    if (isCut) this.#refuse(malformed('A field of the form is too long.'));
    if (name === undefined || name.length > limits.nameCharsMax) this.#refuse(malformed());
    else this.#fields.set(name, value);
  }

  #takeFile(name: string | undefined, stream: BusboyFileStream, file: NonNullable<ReadForm['file']>): void {
    this.#spooling = this.#keep(stream);
    this.#file = file;
    if (name !== this.#rules.fileField) this.#refuse(badField(this.#rules.fileField));
    else if (!this.#rules.acceptsType(file.contentType)) {
      const sentence = `Files of the type ${file.contentType.slice(0, limits.nameCharsMax)} are not accepted.`;
      this.#refuse(new Problem('invalid_request', sentence, { reason: 'file_type' }));
    }
  }

  async #keep(stream: BusboyFileStream): Promise<void> {
    const { fileBytesMax } = this.#rules;
    // Who waits for the next piece of a file that never comes would wait for ever.
    void this.#over.then(() => (this.#refused === null ? null : stream.destroy()));
    try {
      for await (const piece of stream) {
        if (this.#refused !== null) return;
        if (this.#spool.bytes + (piece as Buffer).length > fileBytesMax) {
          const sentence = `The file may have ${fileBytesMax} bytes.`;
          return this.#refuse(new Problem('too_large', sentence, { reason: 'file_too_large' }));
        }
        await this.#spool.add(piece as Buffer);
      }
    } catch (error) {
      const isOfDisk = typeof (error as NodeJS.ErrnoException).syscall === 'string';
      if (isOfDisk) this.#failed ??= error;
      else this.#refused ??= malformed();
      this.#end();
    }
  }
}

function malformed(sentence = 'The form cannot be read.'): Problem {
  return new Problem('invalid_request', sentence, { reason: 'invalid_form' });
}

function badField(name: string): Problem {
  return new Problem('invalid_request', `The form may have one file, in the field ${name}.`, {
    reason: 'file_field',
  });
}
