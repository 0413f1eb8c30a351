/** Builds the console into dist/console: hashed names, and a compressed copy beside each file that gains by it. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

const outDir = fileURLToPath(new URL('../../dist/console', import.meta.url));

/** What a node sends to whoever takes it: compressed once, here, as far as it goes. */
const compressed = {
  name: 'compressed',
  async closeBundle() {
    const names = await readdir(outDir, { recursive: true });
    for (const name of names.filter((one) => /\.(js|css|html|svg)$/.test(one))) {
      const path = join(outDir, name);
      const bytes = await readFile(path);
      await writeFile(`${path}.br`, brotliCompressSync(bytes));
      await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    }
  },
};

export default defineConfig({
  base: '/console/',
  // Nothing of the environment or of a public folder comes in.
  envDir: false,
  publicDir: false,
  plugins: [compressed],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page forbids data: for all but images, and a polyfill would be a script for nobody.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
