import { randomUUID } from 'node:crypto';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openDiskBlobs } from '../../../src/adapters/media-disk/disk-blobs.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { BytePieces } from '../../../src/ports/media.ts';
import { bytesOf, mediaBlobsContract } from '../../contracts/media-blobs.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { temporaryDir } from '../../kit/temporary.ts';

async function start(t: Test) {
  const { path: directory, remove } = await temporaryDir('blobs');
  t.teardown(remove);
  const blobs = openDiskBlobs({ directory, logger: silentLogger() });
  const files = async () => (await readdir(directory, { recursive: true })).filter((name) => name.length > 2);
  const { intake } = blobs;
  if (intake.kind !== 'streamed') throw new Error(intake.kind);
  return { directory, blobs, put: intake.put, files };
}

async function* from(...pieces: readonly (string | Problem)[]): BytePieces {
  for (const piece of pieces) yield piece instanceof Problem ? piece : Buffer.from(piece);
}

mediaBlobsContract(t, async (t) => (await start(t)).blobs);

t.test('an upload is kept piece by piece', async (t) => {
  const { put, blobs, files } = await start(t);
  const id = randomUUID();
  t.equal(await put(id, from('har', 'bour')), 7);
  t.equal((await bytesOf(blobs.read(id, 0, 6))).toString(), 'harbour');
  t.equal((await files()).length, 1);
  await blobs.delete(id);
  t.same(await files(), []);
});

t.test('an upload that ends badly leaves nothing, and nothing but an id of ours is a path', async (t) => {
  const { put, files } = await start(t);
  t.match(await put(randomUUID(), from('har', new Problem('too_large'))), { code: 'too_large' });
  t.same(await files(), []);
  await t.rejects(put('../../etc/passwd', from('x')), /an id of ours/);
});

t.test('what a process left behind in the middle of an upload is swept', async (t) => {
  const { put, blobs, directory, files } = await start(t);
  const id = randomUUID();
  await put(id, from('whole'));
  const [old, young] = ['old.part', 'young.part'].map((name) => join(directory, id.slice(-2), name));
  for (const path of [old ?? '', young ?? '']) await writeFile(path, 'half');
  await utimes(old ?? '', 1_000, 1_000);
  await blobs.sweep(2_000 * 1_000_000, 10);
  t.same((await files()).map((name) => name.slice(3)).sort(), [id, 'young.part'].sort());
});
