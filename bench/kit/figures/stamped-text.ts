/** A message's text that says when it was sent and which one it is, so that whoever gets it can tell both. */
import { usualText } from './event-sample.ts';

/** Of the machine and not of a process, so that one process can say how old the stamp of another is. */
const sinceStartMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export function monotonicMs(): number {
  return performance.now() + sinceStartMs;
}

/** `123456.789 42 the quick brown…`. */
export function stampedText(number: number): string {
  return `${monotonicMs().toFixed(3)} ${number} ${usualText}`;
}

export function sentMsOf(text: string): number {
  return Number(text.slice(0, text.indexOf(' ')));
}

export function numberOf(text: string): number {
  const at = text.indexOf(' ') + 1;
  return Number(text.slice(at, text.indexOf(' ', at)));
}

/** Whether it is a text of stampedText(), unaltered. */
export function isStamped(text: string): boolean {
  return text === `${text.slice(0, text.indexOf(' '))} ${numberOf(text)} ${usualText}`;
}
