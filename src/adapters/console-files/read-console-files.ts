/** Reads what `make build` made of src/console, once, into memory. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { limits } from '../../domain/limits.ts';
import type { ConsoleFile, ConsoleFiles } from '../../ports/http/console-files.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * `dir`: with index.html and assets/. Null when the console was not built. Rejects when there is more than a node may
 * hold, or a file of a type that it would not know how to serve.
 */
export async function readConsoleFiles(dir: string): Promise<ConsoleFiles | null> {
  const names = await namesIn(join(dir, 'assets'));
  if (names === null) return null;
  if (names.length > limits.consoleFilesMax)
    throw new Error(`${dir} has more than ${limits.consoleFilesMax} files`);
  const left = { bytes: limits.consoleBytesMax };
  const page = await readFileOf(dir, 'index.html', left);
  const assets = new Map<string, ConsoleFile>();
  for (const name of names.filter((one) => !/\.(br|gz)$/.test(one))) {
    assets.set(name, await readFileOf(join(dir, 'assets'), name, left));
  }
  return { page, assets };
}

async function namesIn(dir: string): Promise<string[] | null> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function readFileOf(dir: string, name: string, left: { bytes: number }): Promise<ConsoleFile> {
  const contentType = contentTypes[extname(name)];
  if (contentType === undefined)
    throw new Error(`${join(dir, name)} is of no type that the console is made of`);
  const path = join(dir, name);
  const [bytes, brotli, gzip] = await Promise.all([
    readFile(path),
    readIfThere(`${path}.br`),
    readIfThere(`${path}.gz`),
  ]);
  left.bytes -= bytes.length + (brotli?.length ?? 0) + (gzip?.length ?? 0);
  if (left.bytes < 0) throw new Error(`The console in ${dir} is larger than ${limits.consoleBytesMax} bytes`);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { contentType, etag, bytes, brotli, gzip };
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
