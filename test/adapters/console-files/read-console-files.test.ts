import { randomBytes } from 'node:crypto';
import t from 'tap';
import { readConsoleFiles } from '../../../src/adapters/console-files/read-console-files.ts';
import { limits } from '../../../src/domain/limits.ts';

t.test('reads the page, and its files with their compressed copies', async (t) => {
  const dir = t.testdir({
    'index.html': '<!doctype html>',
    'index.html.br': 'brotli',
    assets: { 'a-1.js': 'export {}', 'a-1.js.gz': 'gzip', 'b-2.css': 'a{}', 'c-3.svg': '<svg/>' },
  });
  const files = await readConsoleFiles(dir);
  const text = (bytes: Uint8Array | null | undefined) => bytes && Buffer.from(bytes).toString();
  t.match(files?.page, { contentType: 'text/html; charset=utf-8', etag: /^"[\w-]{22}"$/, gzip: null });
  t.equal(text(files?.page.brotli), 'brotli');
  t.same([...(files?.assets.keys() ?? [])].sort(), ['a-1.js', 'b-2.css', 'c-3.svg']);
  t.equal(text(files?.assets.get('a-1.js')?.gzip), 'gzip');
  t.equal(files?.assets.get('b-2.css')?.contentType, 'text/css; charset=utf-8');
});

t.test('is null where nothing was built, and refuses what no node should hold or serve', async (t) => {
  t.equal(await readConsoleFiles(`${t.testdir({})}/nothing`), null);
  const page = { 'index.html': '' };
  const strange = t.testdir({ ...page, assets: { 'a-1.exe': '' } });
  await t.rejects(readConsoleFiles(strange), { message: /a-1\.exe is of no type/ });
  const many = Object.fromEntries(
    Array.from({ length: limits.consoleFilesMax + 1 }, (_, n) => [`${n}.js`, '']),
  );
  await t.rejects(readConsoleFiles(t.testdir({ ...page, assets: many })), { message: /more than 64 files/ });
  const half = randomBytes(limits.consoleBytesMax / 2 + 1);
  const large = t.testdir({ ...page, assets: { 'a.js': half, 'b.js': half } });
  await t.rejects(readConsoleFiles(large), { message: /larger than/ });
});
