import type { Finding } from './finding.ts';

/** Parley tells time in microseconds, but people notice seconds; tokens allow five. */
const clockAheadMsMax = 1_000;
/** Beyond, fresh tokens of this node are refused elsewhere, or the other way round. */
const clockAheadMsToken = 5_000;

/** `aheadMs`: of the other one against this machine; null: it does not tell. */
export function checkClock(check: string, aheadMs: number | null): readonly Finding[] {
  if (aheadMs === null) return [];
  const found = `${Math.abs(aheadMs)} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine`;
  if (Math.abs(aheadMs) <= clockAheadMsMax) return [{ check, status: 'ok', found }];
  const status = Math.abs(aheadMs) > clockAheadMsToken ? 'fail' : 'warn';
  return [{ check, status, found, remedy: 'run NTP on both machines' }];
}
