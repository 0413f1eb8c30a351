import { createHash, randomFillSync } from 'node:crypto';
import type { IdSource } from '../../ports/id-source.ts';

/** Parley's own name space for UUIDv5: names are unique within it and mean nothing outside. */
const nameSpace = Buffer.from('6f4f1d5e2b1c4b6f9a0e3d7c5a812f40', 'hex');
/** A system call for random bytes costs 1 microsecond: this pays for 512 ids at once. */
const poolBytes = 4096;
const counterMax = 0xfff;
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * UUIDs. Version 7 with a 12-bit counter behind the millisecond: ids of one source increase strictly, also
 * when many are made in a millisecond or the clock steps back. Two nodes differ by 62 random bits.
 */
export function openIdSource(nowMs: () => number = Date.now): IdSource {
  const pool = Buffer.alloc(poolBytes);
  let poolAt = poolBytes;
  let timeMs = 0;
  let counter = 0;
  let prefix = '';
  const moveTo = (ms: number, start: number): void => {
    timeMs = ms;
    counter = start;
    const digits = ms.toString(16).padStart(12, '0');
    prefix = `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
  };
  const next = (): string => {
    if (poolAt === poolBytes) {
      randomFillSync(pool);
      poolAt = 0;
    }
    const random = pool.subarray(poolAt, poolAt + 8);
    poolAt += 8;
    const now = nowMs();
    // A new millisecond starts its counter in the lower half, so that it rarely runs over.
    if (now > timeMs) moveTo(now, ((random[0] ?? 0) << 3) | ((random[1] ?? 0) & 7));
    else if (counter === counterMax) moveTo(timeMs + 1, 0);
    else counter += 1;
    return prefix + counterDigits(counter) + tail(random);
  };
  return { next, fromName, ofText };
}

function counterDigits(counter: number): string {
  return (hex[counter >> 4] ?? '') + (counter & 15).toString(16);
}

/** `-vrrr-rrrrrrrrrrrr`: 62 random bits behind the variant. */
function tail(random: Buffer): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = random;
  return `-${hex[(a & 0x3f) | 0x80]}${hex[b]}-${hex[c]}${hex[d]}${hex[e]}${hex[f]}${hex[g]}${hex[h]}`;
}

function fromName(name: string): string {
  return uuidOf(createHash('sha1').update(nameSpace).update(name, 'utf8').digest(), 5);
}

function ofText(text: string): string {
  return uuidOf(
    createHash('sha1')
      .update(encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')))
      .digest(),
    0,
  );
}

/** The first 16 bytes of a digest. */
function uuidOf(digest: Buffer, version: number): string {
  digest[6] = ((digest[6] ?? 0) & 0x0f) | (version << 4);
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const digits = digest.toString('hex', 0, 16);
  const parts = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20)];
  return `${parts.join('-')}-${digits.slice(20)}`;
}
