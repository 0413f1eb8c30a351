import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openForms } from '../../../src/adapters/forms/open-forms.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Form, FormRules } from '../../../src/ports/http/forms.ts';
import type { BytePieces } from '../../../src/ports/media.ts';
import { temporaryDir } from '../../kit/temporary.ts';

const rules: FormRules = {
  fileField: 'file',
  fileBytesMax: 1_000,
  acceptsType: (type) => type === 'audio/wav',
};
const contentType = 'multipart/form-data; boundary=cut';
const sound = Buffer.from(Array.from({ length: 999 }, (_, at) => (at * 7) % 256));

interface Part {
  readonly head: string;
  readonly bytes?: Buffer | string;
}

const filePart: Part = {
  head: 'content-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: Audio/WAV; codecs=1',
  bytes: sound,
};
const field = (name: string, bytes: string): Part => ({
  head: `content-disposition: form-data; name="${name}"`,
  bytes,
});

function bodyOf(...parts: Part[]): Buffer {
  const pieces = parts.flatMap(({ head, bytes = '' }) => [`--cut\r\n${head}\r\n\r\n`, bytes, '\r\n']);
  return Buffer.concat([...pieces, '--cut--\r\n'].map((piece) => Buffer.from(piece as string)));
}

/** Pieces lie in one buffer, as those of a request do. */
async function* inPieces(bytes: Uint8Array, pieceBytes: number, end?: Problem) {
  const buffer = Buffer.alloc(pieceBytes);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const part = bytes.subarray(at, at + pieceBytes);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
  }
  if (end !== undefined) yield end;
}

async function start(t: Test) {
  const { path, remove } = await temporaryDir('forms');
  t.teardown(remove);
  const ids: string[] = [];
  const logged: object[] = [];
  const forms = openForms({
    directory: join(path, 'forms'),
    newId: () => String(ids.push('')),
    logger: { error: (fields) => logged.push(fields) },
  });
  const read = (body: Buffer, pieceBytes = 64, type = contentType) =>
    forms.use({ contentType: type, pieces: inPieces(body, pieceBytes) }, rules, seen);
  return { path, forms, read, logged };
}

async function seen({ fields, file }: Form) {
  if (file === null) return { fields: Object.fromEntries(fields), file };
  const { filename, contentType, sizeBytes } = file;
  const twice = [await whole(file.pieces()), await whole(file.pieces())];
  return { fields: Object.fromEntries(fields), file: { filename, contentType, sizeBytes }, twice };
}

async function whole(pieces: BytePieces): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const piece of pieces) if (!(piece instanceof Problem)) copies.push(Buffer.from(piece));
  return Buffer.concat(copies);
}

t.test('a form is read whole, however its bytes are cut', async (t) => {
  const { read, path } = await start(t);
  const body = bodyOf(field('first', 'Grüße'), filePart, field('last', 'x'), field('__proto__', 'own'));
  for (const pieceBytes of [1, 2, 3, 7, 64, 511, 5_000]) {
    const found = await read(body, pieceBytes);
    t.match(found, {
      fields: { first: 'Grüße', last: 'x' },
      file: { filename: 'a.wav', contentType: 'audio/wav', sizeBytes: sound.length },
    });
    t.ok(
      (found as { twice: Buffer[] }).twice.every((bytes) => bytes.equals(sound)),
      `${pieceBytes} at once`,
    );
  }
  t.same(await readdir(join(path, 'forms')), [], 'nothing is left behind');
});

t.test('names come as they were sent', async (t) => {
  const { read } = await start(t);
  for (const filename of ['../../etc/passwd', 'a/b.wav', 'C:\\\\a.wav', 'größe.wav', '']) {
    const head = `content-disposition: form-data; name="file"; filename="${filename}"\r\ncontent-type: audio/wav`;
    t.match(
      await read(bodyOf({ head, bytes: 'x' })),
      { file: { filename: filename.replace('\\\\', '\\') } },
      filename,
    );
  }
});

t.test('a form without a file, and an empty file', async (t) => {
  const { read } = await start(t);
  t.match(await read(bodyOf(field('text', 'hello'))), { fields: { text: 'hello' }, file: null });
  t.match(await read(bodyOf({ ...filePart, bytes: '' })), { file: { sizeBytes: 0 } });
  t.match(await read(Buffer.from('--cut--\r\n')), { fields: {}, file: null });
});

t.test('what is wrong is told apart', async (t) => {
  const { read } = await start(t);
  const body = bodyOf(filePart);
  const refused = async (name: string, outcome: unknown, code: string, reason: string) =>
    t.match(outcome, { code, reason }, name);
  for (const type of [
    '',
    'application/json',
    'application/x-www-form-urlencoded',
    'multipart/mixed; boundary=cut',
  ])
    await refused(type, await read(body, 64, type), 'unsupported_media_type', 'not_a_form');
  for (const type of ['multipart/form-data', 'multipart/form-data; boundary='])
    await refused(type, await read(body, 64, type), 'invalid_request', 'invalid_form');
  const image = { ...filePart, head: filePart.head.replace(/Audio.*/, 'image/png') };
  await refused('type', await read(bodyOf(image)), 'invalid_request', 'file_type');
  const other = { ...filePart, head: filePart.head.replace('"file"', '"sound"') };
  await refused('field', await read(bodyOf(other)), 'invalid_request', 'file_field');
  await refused('two', await read(bodyOf(filePart, filePart)), 'invalid_request', 'file_field');
  const large = { ...filePart, bytes: Buffer.alloc(rules.fileBytesMax + 1) };
  await refused('large', await read(bodyOf(large)), 'too_large', 'file_too_large');
  const full = { ...filePart, bytes: Buffer.alloc(rules.fileBytesMax) };
  t.match(
    await read(bodyOf(full)),
    { file: { sizeBytes: rules.fileBytesMax } },
    'just as large as it may be',
  );
  const many = Array.from({ length: limits.formFieldsMax + 1 }, (_, at) => field(`f${at}`, ''));
  await refused('fields', await read(bodyOf(...many)), 'invalid_request', 'invalid_form');
  const long = field('text', 'a'.repeat(limits.formFieldBytesMax + 1));
  await refused('long', await read(bodyOf(long), 5_000), 'invalid_request', 'invalid_form');
});

t.test('a form that ends too early is refused, wherever it ends', async (t) => {
  const { read, forms } = await start(t);
  const body = bodyOf(field('first', 'x'), { ...filePart, bytes: 'sound' }, field('last', 'y'));
  const end = body.lastIndexOf('--cut') + 5;
  for (let at = 0; at < end; at += 1)
    t.match(
      await read(body.subarray(0, at)),
      { code: 'invalid_request', reason: 'invalid_form' },
      `${at} bytes`,
    );
  const gone = new Problem('invalid_request', 'The client went away.', { reason: 'gone' });
  const cut = inPieces(body.subarray(0, 150), 64, gone);
  t.equal(await forms.use({ contentType, pieces: cut }, rules, seen), gone);
});

t.test('bytes that are no form, and forms with a byte changed, end with an answer', async (t) => {
  const { read } = await start(t);
  const body = bodyOf(field('first', 'x'), { ...filePart, bytes: 'sound' });
  for (let at = 0; at < body.length; at += 1) {
    for (const value of [0, 13, 45, 255]) {
      const changed = Buffer.from(body);
      changed[at] = value;
      const found = await read(changed, 32);
      const isAnswer = 'file' in found || ['invalid_request', 'too_large'].includes(found.code);
      if (!isAnswer) t.fail(`byte ${at} as ${value}`, { found });
    }
  }
  t.match(await read(Buffer.alloc(100_000, 'x'), 5_000), { code: 'invalid_request' });
  const header = Buffer.from(`--cut\r\n${'a'.repeat(50_000)}: b\r\n\r\nx\r\n--cut--\r\n`);
  t.ok(await read(header, 5_000), 'a header without end');
});

t.test('a disk that fails is not the fault of the form', async (t) => {
  const { path, forms, logged } = await start(t);
  await writeFile(join(path, 'forms'), 'no directory');
  const form = { contentType, pieces: inPieces(bodyOf(filePart), 64) };
  t.match(await forms.use(form, rules, seen), { code: 'unavailable' });
  t.match(logged, [{ code: 'EEXIST' }]);
});

t.test('so many forms at once, and work that throws gives its place back', async (t) => {
  const { forms, read } = await start(t);
  const body = bodyOf(filePart);
  const use = (work: (form: Form) => Promise<string>) =>
    forms.use({ contentType, pieces: inPieces(body, 5_000) }, rules, work);
  await t.rejects(
    use(async () => {
      throw new Error('a fault of ours');
    }),
    /a fault of ours/,
  );
  let release = (): void => {};
  const wait = new Promise<void>((resolve) => {
    release = resolve;
  });
  const busy = Array.from({ length: limits.formsInFlightMax }, () =>
    use(async () => {
      await wait;
      return 'done';
    }),
  );
  t.match(await read(body), { code: 'overloaded', overload: 'forms' });
  release();
  t.same(new Set(await Promise.all(busy)), new Set(['done']));
  t.match(await read(body), { file: { sizeBytes: sound.length } });
});
