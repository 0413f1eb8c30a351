/** Sockets that do not read what they are sent: each has a bound of its own, and all of them together have one. */
import { limits } from '../../domain/limits.ts';
import type { CloseReason } from '../../domain/problem.ts';

export interface Reader {
  readonly bufferedBytes: number;
  /** Closes it if it is over its own bound. */
  closeIfSlow(): boolean;
  close(reason: CloseReason): void;
}

/** Bytes that wait for all of them. */
export function bufferedBytesOf(readers: Iterable<Pick<Reader, 'bufferedBytes'>>): number {
  let bytes = 0;
  for (const reader of readers) bytes += reader.bufferedBytes;
  return bytes;
}

/**
 * Closes those that are over their own bound; and where all together have more than `bytesMax`, those with the most
 * of it, until they have three quarters. They come back and read on from their cursors.
 */
export function closeSlowReaders(
  readers: Iterable<Reader>,
  bytesMax: number = limits.outboxesBytesMax,
): void {
  const slow: { readonly reader: Reader; readonly bytes: number }[] = [];
  let total = 0;
  for (const reader of readers) {
    const bytes = reader.bufferedBytes;
    if (bytes === 0 || reader.closeIfSlow()) continue;
    slow.push({ reader, bytes });
    total += bytes;
  }
  if (total <= bytesMax) return;
  slow.sort((one, other) => other.bytes - one.bytes);
  for (const { reader, bytes } of slow) {
    if (total <= bytesMax * 0.75) return;
    reader.close('slow_consumer');
    total -= bytes;
  }
}

/**
 * Sockets that were closed because they do not read: the transport keeps what waits for each for 16 s, so that its client
 * may still read why. Beyond a bound it does not: five hundred that stop at once would keep 2 GB.
 */
export class Lingering {
  readonly #bytesMax: number;
  readonly #lingerMs: number;
  #bytes = 0;

  constructor(bytesMax: number = limits.outboxesLingeringBytesMax, lingerMs: number = limits.outboxLingerMs) {
    this.#bytesMax = bytesMax;
    this.#lingerMs = lingerMs;
  }

  /** False: there is no room for so much more. Else it is counted for as long as the transport may keep it. */
  admit(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    setTimeout(() => {
      this.#bytes -= bytes;
    }, this.#lingerMs).unref();
    return true;
  }
}
