import { Problem } from '../../domain/problem.ts';
import type { BytePieces } from '../../ports/media.ts';

/** The pieces, and a refusal as soon as they are more than that together. */
export async function* atMost(pieces: BytePieces, bytesMax: number): AsyncGenerator<Uint8Array | Problem> {
  let bytes = 0;
  for await (const piece of pieces) {
    if (!(piece instanceof Problem)) bytes += piece.length;
    if (bytes <= bytesMax) yield piece;
    else {
      yield new Problem('too_large', `The upload was declared with ${bytesMax} bytes.`);
      return;
    }
  }
}

/** Up to `count` bytes from the beginning. */
export async function firstBytes(pieces: BytePieces, count: number): Promise<Uint8Array | Problem> {
  const head = new Uint8Array(count);
  let length = 0;
  for await (const piece of pieces) {
    if (piece instanceof Problem) return piece;
    const part = piece.subarray(0, count - length);
    head.set(part, length);
    length += part.length;
    if (length === count) break;
  }
  return head.subarray(0, length);
}
