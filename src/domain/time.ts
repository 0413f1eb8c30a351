/**
 * Time in a conversation: whole microseconds since the epoch (safe integers until the year 2255),
 * strictly increasing, printed as RFC 3339 UTC with six fraction digits (common.md, "Time").
 */

/** Microseconds since 1970-01-01T00:00:00Z. */
export type Micros = number;

let cachedSecond = -1;
let cachedPrefix = 'none';

/** `2026-11-20T10:00:00.123456Z`. The second's text is kept: most calls fall into the same second. */
export function formatMicros(micros: Micros): string {
  const second = Math.floor(micros / 1_000_000);
  if (second !== cachedSecond) {
    cachedPrefix = new Date(second * 1000).toISOString().slice(0, 19);
    cachedSecond = second;
  }
  const fraction = micros - second * 1_000_000;
  return `${cachedPrefix}.${String(fraction).padStart(6, '0')}Z`;
}

const sixDigitsUtc = /^\.\d{6}Z$/;
const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|z|[+-]\d{2}:?\d{2})?$/;

/** Microseconds of an RFC 3339 text (a date alone means midnight UTC), or null when it does not parse. */
export function parseMicros(text: string): Micros | null {
  // Our own form and the second that was printed last: what every folded event has.
  if (text.length === 27 && text.startsWith(cachedPrefix) && sixDigitsUtc.test(text.slice(19))) {
    return cachedSecond * 1_000_000 + Number(text.slice(20, 26));
  }
  const match = rfc3339.exec(text.length === 10 ? `${text}T00:00` : text);
  const [, day = '', time = ''] = match ?? [];
  if (match === null || !isCalendarDay(day) || time.startsWith('24')) return null;
  const zone = match[4] === undefined ? 'Z' : match[4].toUpperCase();
  return toMicros(Date.parse(`${day}T${time}${zone}`), match[3] ?? '');
}

/** Date.parse() takes 30 February for 2 March. */
function isCalendarDay(day: string): boolean {
  if (Number(day.slice(8)) <= 28) return true;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
}

function toMicros(wholeMs: number, fraction: string): Micros | null {
  if (Number.isNaN(wholeMs)) return null;
  return wholeMs * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** Whole milliseconds since 1970-01-01T00:00:00Z. */
export function msOf(micros: Micros): number {
  return Math.floor(micros / 1000);
}

/** The time of the next event: now, but later than the previous one by a microsecond at least. */
export function nextMicros(now: Micros, previous: Micros): Micros {
  return now > previous ? now : previous + 1;
}

/**
 * How far another clock is surely ahead of ours (below 0: behind), milliseconds: where both agree, what it said lies
 * between our question and its answer, however long that took.
 */
export function clockAheadMs(saidMs: number, askedMs: number, answeredMs: number): number {
  return Math.round(saidMs - Math.min(Math.max(saidMs, askedMs), answeredMs));
}
