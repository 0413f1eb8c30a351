/** What must hold of everything that a reader was sent, given the log. */
import type { Event } from '../../src/domain/event.ts';
import { erasedStub } from '../../src/domain/events/erased-stub.ts';
import { standingOf } from '../../src/domain/permissions.ts';
import type { Principal } from '../../src/domain/principal.ts';
import type { Reader } from '../kit/clients/reader.ts';
import type { CapturedLog } from './captured-log.ts';

export interface Watching {
  readonly who: Principal;
  readonly reader: Reader;
  readonly conversation: string;
  /** The position it asked to begin after; null: from the time of the reply on. */
  readonly after: number | null;
}

/** Every event exactly once, in order, the same as in the log, until the end or until it was removed. */
export function checkReader(log: CapturedLog, watching: Watching): string[] {
  const { who, reader, conversation, after } = watching;
  const opened = reader.openedAt.get(conversation);
  const events = reader.socket.events(conversation) as unknown as Event[];
  if (opened === undefined) return events.length === 0 ? [] : ['it was refused and got events'];
  const faults: string[] = [];
  let expected = (after ?? opened) + 1;
  for (const event of events) {
    if (event.position !== expected) faults.push(`position ${event.position} instead of ${expected}`);
    else if (!isSame(log, event)) faults.push(`position ${event.position} differs from the log`);
    expected = event.position + 1;
  }
  const last = expected - 1;
  if (last < log.position && mayRead(log, who, last)) {
    faults.push(`it ends at position ${last} of ${log.position}, where ${who.id} may still read`);
  }
  return faults;
}

const mayRead = (log: CapturedLog, who: Principal, position: number): boolean =>
  standingOf(log.states[position]!, who, null) !== null;

/** As it was committed, or, once erased, what its deletion says of it. */
function isSame(log: CapturedLog, event: Event): boolean {
  const entry = log.at(event.position);
  if (entry === undefined) return false;
  if (JSON.stringify(entry.event) === JSON.stringify(event)) return true;
  const erased = log.entries.flatMap((one) => one.erased).find((one) => one.position === event.position);
  if (erased === undefined) return false;
  return JSON.stringify(erasedStub(log.ref.conversation, erased)) === JSON.stringify(event);
}
