/** Values of options, checked where they are read: a wrong one is a usage error (exit code 2). */
import { InvalidArgumentError } from 'commander';
import { kindOfType } from '../../domain/event.ts';

const eventTypes: readonly string[] = Object.keys(kindOfType);

/** A whole number >= 0: a position. */
export function positionOption(text: string): number {
  return wholeNumber(text, 0, Number.MAX_SAFE_INTEGER);
}

export function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    const range = max === Number.MAX_SAFE_INTEGER ? `${min} on` : `${min} to ${max}`;
    throw new InvalidArgumentError(`a whole number from ${range} is wanted`);
  }
  return value;
}

/** `2026-01-31`, `2026-01-31T10:00Z`: a moment; a day begins at midnight UTC. */
export function timeOption(text: string): Date {
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError('a time like 2026-01-31 or 2026-01-31T10:00Z is wanted');
  return new Date(time);
}

/** Names of event types, with commas. */
export function eventTypesOption(text: string): readonly string[] {
  const asked = text.split(',').map((one) => one.trim());
  const unknown = asked.filter((one) => !eventTypes.includes(one));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`there is no ${unknown.join(', ')}; there are ${eventTypes.join(', ')}`);
  }
  return asked;
}

const unitSec = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
/** Ten years: what is meant for ever says so by not being given. */
const durationSecMax = 3_650 * unitSec.d;

/** `90d`, `12h`, `30m`, `45s`: seconds. */
export function durationSec(text: string): number {
  const [, count = '', unit = 's'] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const sec = count === '' ? Number.NaN : Number(count) * unitSec[unit as keyof typeof unitSec];
  if (!(sec > 0 && sec <= durationSecMax))
    throw new InvalidArgumentError('a time like 90d, 12h, 30m or 45s is wanted');
  return sec;
}
