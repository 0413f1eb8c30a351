/**
 * The MediaBlobs port on a directory: DATA_DIR/media. A blob is written beside its place, made durable, and
 * renamed: what has its name is whole. Nodes on several machines need a directory that they share.
 */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Logger } from '../../ports/logger.ts';
import type { BlobId, BytePieces, MediaBlobs } from '../../ports/media.ts';

/** What a blob is called: an id that we made, never anything from outside. */
const blobName = /^[0-9a-f-]{36}$/;
const unfinished = '.part';

export interface DiskBlobOptions {
  readonly directory: string;
  readonly logger: Pick<Logger, 'error'>;
}

export function openDiskBlobs({ directory, logger }: DiskBlobOptions): MediaBlobs {
  const failed = (error: unknown): Problem => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return new Problem('not_found');
    logger.error({ code }, 'the directory of media failed');
    return new Problem(code === 'ENOSPC' || code === 'EDQUOT' ? 'storage_full' : 'unavailable');
  };
  async function put(blob: BlobId, pieces: BytePieces): Promise<number | Problem> {
    const { folder, path } = placeOf(directory, blob);
    try {
      await mkdir(folder, { recursive: true });
      const written = await write(`${path}${unfinished}`, pieces);
      if (written instanceof Problem) return written;
      await rename(`${path}${unfinished}`, path);
      await syncFolder(folder);
      return written;
    } catch (error) {
      await rm(`${path}${unfinished}`, { force: true }).catch(() => {});
      return failed(error);
    }
  }

  return {
    intake: { kind: 'streamed', put },
    async keep(blob, bytes) {
      const kept = await put(blob, once(bytes));
      return kept instanceof Problem ? kept : null;
    },
    async write(blob, _, pieces) {
      const kept = await put(blob, pieces);
      return kept instanceof Problem ? kept : null;
    },
    async *read(blob, from, to) {
      const { path } = placeOf(directory, blob);
      try {
        yield* readRange(path, from, to);
      } catch (error) {
        yield failed(error);
      }
    },
    async delete(blob) {
      const { path } = placeOf(directory, blob);
      try {
        await rm(path, { force: true });
        return null;
      } catch (error) {
        return failed(error);
      }
    },
    sweep: (before, limit) => sweep(directory, before / 1000, limit),
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The end of an id is random: 256 folders of even size. */
function placeOf(directory: string, blob: BlobId): { readonly folder: string; readonly path: string } {
  if (!blobName.test(blob)) throw new Error('A blob has an id of ours');
  const folder = join(directory, blob.slice(-2));
  return { folder, path: join(folder, blob) };
}

/** Answers how many bytes; what is not kept is deleted. */
async function write(path: string, pieces: BytePieces): Promise<number | Problem> {
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  let refused: Problem | null = null;
  try {
    for await (const piece of pieces) {
      if (piece instanceof Problem) {
        refused = piece;
        break;
      }
      for (let at = 0; at < piece.length; )
        at += (await file.write(piece, at, piece.length - at)).bytesWritten;
      bytes += piece.length;
    }
    if (refused === null) await file.sync();
  } finally {
    await file.close();
  }
  if (refused === null) return bytes;
  await rm(path, { force: true });
  return refused;
}

/** The name, too, outlives a loss of power. */
async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

async function* readRange(path: string, from: number, to: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    // One buffer for all pieces: see BytePieces.
    const buffer = Buffer.allocUnsafe(Math.min(limits.mediaPieceBytes, to - from + 1));
    for (let at = from; at <= to; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, to - at + 1), at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function sweep(directory: string, beforeMs: number, limit: number): Promise<void> {
  let left = limit;
  for (const folder of await readdir(directory).catch(() => [])) {
    for (const name of await readdir(join(directory, folder)).catch(() => [])) {
      if (!name.endsWith(unfinished) || left === 0) continue;
      const path = join(directory, folder, name);
      const found = await stat(path).catch(() => null);
      if (found === null || found.mtimeMs >= beforeMs) continue;
      await rm(path, { force: true }).catch(() => {});
      left -= 1;
    }
  }
}
