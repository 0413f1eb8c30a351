/** One range of a body (RFC 9110 §14). */

export interface ByteRange {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

const oneRange = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i;

/**
 * Null: the whole body, also for what is no range, or several, which a server may ignore. `unsatisfiable`: it
 * begins behind the end.
 */
export function byteRange(header: string | null, lengthBytes: number): ByteRange | 'unsatisfiable' | null {
  const [, first = '', last = ''] = (header === null ? null : oneRange.exec(header)) ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const count = Math.min(Number(last), lengthBytes);
    return count === 0 ? 'unsatisfiable' : { from: lengthBytes - count, to: lengthBytes - 1 };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return null;
  if (from >= lengthBytes) return 'unsatisfiable';
  return { from, to: last === '' ? lengthBytes - 1 : Math.min(Number(last), lengthBytes - 1) };
}
