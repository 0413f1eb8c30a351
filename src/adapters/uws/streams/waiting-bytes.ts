import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { Slabs } from './slabs.ts';
import type { Spill, SpillFolder } from './spill.ts';

/**
 * What has come and is not read yet, in the order in which it came: up to limits.bodyHeldBytesMax and one read of
 * the socket (512 KB) in memory, what comes on top of that on disk.
 */
export class WaitingBytes {
  readonly #spills: SpillFolder;
  readonly #memory = new Slabs();
  /** While it is there all that comes goes there: what is in memory came before. */
  #disk: Spill | null = null;

  constructor(spills: SpillFolder) {
    this.#spills = spills;
  }

  get bytes(): number {
    return this.#memory.bytes + (this.#disk?.bytes ?? 0);
  }

  /** Copies them in. A Problem: they are not kept. */
  add(bytes: Uint8Array): Problem | null {
    if (this.#disk === null) {
      if (this.#memory.bytes <= limits.bodyHeldBytesMax) {
        this.#memory.add(bytes);
        return null;
      }
      const opened = this.#spills.open();
      if (opened instanceof Problem) return opened;
      this.#disk = opened;
    }
    return this.#disk.add(bytes);
  }

  /** The oldest bytes; valid until the next call. Null: there are none. One call at a time. */
  take(): Uint8Array | null | Promise<Uint8Array | Problem> {
    const piece = this.#memory.take();
    return piece === null && this.#disk !== null ? this.#takeFrom(this.#disk) : piece;
  }

  clear(): void {
    this.#memory.clear();
    this.#disk?.close();
    this.#disk = null;
  }

  async #takeFrom(disk: Spill): Promise<Uint8Array | Problem> {
    const piece = await disk.take();
    if (disk.bytes === 0) {
      disk.close();
      if (this.#disk === disk) this.#disk = null;
    }
    return piece;
  }
}
