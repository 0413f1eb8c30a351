/**
 * Bytes of a request that memory has no room for, in a file. It is written at once, in the callback of the
 * transport: uWebSockets.js reads on for as long as its sender is fast enough, and gives nothing else a turn until
 * then. So there is no later moment to write in.
 */
import { close, closeSync, openSync, read, rmSync, writeSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Logger } from '../../../ports/logger.ts';

const suffix = '.spill';

export interface SpillFolder {
  open(): Spill | Problem;
}

export interface SpillFolderOptions {
  /** Its own; may be shared with other nodes. */
  readonly directory: string;
  readonly newId: () => string;
  readonly logger: Pick<Logger, 'error'>;
}

/** Deletes what a process left that ended in the wrong instant. Does not fail: who needs the folder is told. */
export async function openSpillFolder(options: SpillFolderOptions): Promise<SpillFolder> {
  const { directory, newId, logger } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch(() => {});
  for (const name of await readdir(directory).catch(() => [])) {
    if (name.endsWith(suffix)) await rm(join(directory, name), { force: true }).catch(() => {});
  }
  return {
    open() {
      const path = join(directory, `${newId()}${suffix}`);
      try {
        const file = openSync(path, 'wx+', 0o600);
        // It has no name from here on: whatever ends this process, ends the file.
        rmSync(path, { force: true });
        return new Spill(file, logger);
      } catch (error) {
        return failed(error, logger);
      }
    },
  };
}

/** First in, first out. Closed by who opened it. */
export class Spill {
  readonly #file: number;
  readonly #logger: Pick<Logger, 'error'>;
  readonly #piece = new Uint8Array(limits.bodySlabBytes);
  #writtenBytes = 0;
  #readBytes = 0;
  #isReading = false;
  #isClosed = false;

  constructor(file: number, logger: Pick<Logger, 'error'>) {
    this.#file = file;
    this.#logger = logger;
  }

  get bytes(): number {
    return this.#writtenBytes - this.#readBytes;
  }

  /** Blocks until the system has them: 0.1 to 1.8 ms for 512 KB while its page cache has room. */
  add(bytes: Uint8Array): Problem | null {
    // Its number may be another file's by now.
    if (this.#isClosed) throw new Error('bytes for a file that is closed');
    try {
      for (let at = 0; at < bytes.length; ) {
        const written = writeSync(this.#file, bytes, at, bytes.length - at, this.#writtenBytes);
        this.#writtenBytes += written;
        at += written;
      }
      return null;
    } catch (error) {
      return failed(error, this.#logger);
    }
  }

  /** The oldest bytes; valid until the next call. One call at a time, and only while there are bytes. */
  async take(): Promise<Uint8Array | Problem> {
    const length = Math.min(this.#piece.length, this.bytes);
    this.#isReading = true;
    try {
      const count = await this.#read(length);
      this.#readBytes += count;
      return this.#piece.subarray(0, count);
    } catch (error) {
      return failed(error, this.#logger);
    } finally {
      this.#isReading = false;
      if (this.#isClosed) close(this.#file, () => {});
    }
  }

  /** May be called again, and while bytes are being taken. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isReading) closeSync(this.#file);
  }

  #read(length: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#file, this.#piece, 0, length, this.#readBytes, (error, count) => {
        if (error !== null) reject(error);
        else if (count === 0) reject(new Error('a file without a name became shorter'));
        else resolve(count);
      });
    });
  }
}

function failed(error: unknown, logger: Pick<Logger, 'error'>): Problem {
  const { code } = error as NodeJS.ErrnoException;
  logger.error({ code }, 'the directory of waiting uploads failed');
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return isFull ? new Problem('storage_full', 'The disk has no room left.') : new Problem('unavailable');
}
