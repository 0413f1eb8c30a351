import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../domain/limits.ts';
import type { BytePieces } from '../../ports/media.ts';

/** Bytes that memory has no room for. The file has no name: whatever ends this process, ends it. */
export class SpooledFile {
  readonly #file: FileHandle;
  #bytes = 0;

  /** `name`: nobody else's in that directory, which is made. Rejects with the system's error. */
  static async open(directory: string, name: string): Promise<SpooledFile> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, name);
    const file = await open(path, 'wx+', 0o600);
    await rm(path, { force: true });
    return new SpooledFile(file);
  }

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async add(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length; ) {
      const { bytesWritten } = await this.#file.write(piece, at, piece.length - at, this.#bytes);
      at += bytesWritten;
      this.#bytes += bytesWritten;
    }
  }

  async *pieces(): BytePieces & AsyncGenerator<Uint8Array> {
    const buffer = Buffer.allocUnsafe(Math.min(limits.mediaPieceBytes, this.#bytes));
    for (let at = 0; at < this.#bytes; ) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error('a file without a name became shorter');
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
