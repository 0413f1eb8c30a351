/** Resident memory of a process once it moves no more. */
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes } from './process-usage.ts';

/** Memory has settled when it moved less than this in `settleMs`. */
const settledBytes = 256 * 1024;
const settleMs = 1_000;
const settleRoundsMax = 15;

/** Bytes; after 15 s as it is then. `roundsMax`: seconds to wait at the most. */
export async function settledMemory(pid: number, roundsMax = settleRoundsMax): Promise<number> {
  let last = residentMemory(pid);
  for (let round = 0; round < roundsMax; round += 1) {
    await sleep(settleMs);
    const now = residentMemory(pid);
    if (Math.abs(now - last) < settledBytes) return now;
    last = now;
  }
  return last;
}

/** Bytes, now. Throws on systems without /proc. */
export function residentMemory(pid: number): number {
  const bytes = residentBytes(pid);
  if (bytes === undefined)
    throw new Error('resident memory is read from /proc, which this system does not have');
  return bytes;
}
