import { randomUUID } from 'node:crypto';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openDiskBlobs } from '../../../src/adapters/media-disk/disk-blobs.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { BytePieces } from '../../../src/ports/media.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { temporaryDir } from '../../kit/temporary.ts';

async function start(t: Test) {
  const { path: directory, remove } = await temporaryDir('blobs');
  t.teardown(remove);
  const blobs = openDiskBlobs({ directory, logger: silentLogger() });
  const files = async () => (await readdir(directory, { recursive: true })).filter((name) => name.length > 2);
  return { directory, blobs, files };
}

async function* from(...pieces: readonly (string | Problem)[]): BytePieces {
  for (const piece of pieces) yield piece instanceof Problem ? piece : Buffer.from(piece);
}

async function text(pieces: BytePieces): Promise<string> {
  let all = '';
  for await (const piece of pieces)
    all += piece instanceof Problem ? piece.code : Buffer.from(piece).toString();
  return all;
}

t.test('a blob is kept, read in part, and deleted', async (t) => {
  const { blobs, files } = await start(t);
  const id = randomUUID();
  t.equal(await blobs.put(id, from('har', 'bour')), 7);
  t.equal(await text(blobs.read(id, 0, 6)), 'harbour');
  t.equal(await text(blobs.read(id, 3, 4)), 'bo');
  t.equal(await blobs.delete(id), null);
  t.equal(await blobs.delete(id), null, 'once more');
  t.equal(await text(blobs.read(id, 0, 6)), 'not_found');
  t.same(await files(), []);
});

t.test('an upload that ends badly leaves nothing, and nothing but an id of ours is a path', async (t) => {
  const { blobs, files } = await start(t);
  t.match(await blobs.put(randomUUID(), from('har', new Problem('too_large'))), { code: 'too_large' });
  t.same(await files(), []);
  await t.rejects(blobs.put('../../etc/passwd', from('x')), /an id of ours/);
});

t.test('what a process left behind in the middle of an upload is swept', async (t) => {
  const { blobs, directory, files } = await start(t);
  const id = randomUUID();
  await blobs.put(id, from('whole'));
  const [old, young] = ['old.part', 'young.part'].map((name) => join(directory, id.slice(-2), name));
  for (const path of [old ?? '', young ?? '']) await writeFile(path, 'half');
  await utimes(old ?? '', 1_000, 1_000);
  await blobs.sweep(2_000 * 1_000_000, 10);
  t.same((await files()).map((name) => name.slice(3)).sort(), [id, 'young.part'].sort());
});
