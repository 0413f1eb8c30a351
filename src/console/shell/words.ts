/** Times and numbers, as people read them. */

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const clockOf = (at: string): string => clock.format(new Date(at));
export const wholeTimeOf = (at: string): string => whole.format(new Date(at));

/** `Today`, `Yesterday`, or the day. */
export function dayOf(at: string, now = new Date()): string {
  const days = daysBetween(new Date(at), now);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return day.format(new Date(at));
}

/** The time of today, the day of before. */
export function shortTimeOf(at: string, now = new Date()): string {
  return daysBetween(new Date(at), now) === 0 ? clockOf(at) : shortDay.format(new Date(at));
}

export function isSameDay(one: string, other: string): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

function daysBetween(then: Date, now: Date): number {
  const midnight = (date: Date): number =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(then)) / 86_400_000);
}

/** `1 message`, `3 messages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Three digits that mean something. */
export function measured(value: number): string {
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(1)}M`;
  if (value >= 10_000) return `${Math.round(value / 1000)}k`;
  if (value >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toFixed(value >= 10 ? 1 : 2).replace(/\.?0+$/, '');
}
