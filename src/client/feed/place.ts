/** Where the socket is in a conversation, and how a reader stands to it. */
import { ParleyProblem } from '../problem.ts';
import type { Cursor, Draft, Event } from '../wire.ts';

/** A conversation that is followed. */
export interface Place {
  readonly conversation: string;
  /** Of the newest event that came, or of the state in which it was opened; null: not known yet. */
  position: number | null;
  /** Null: not known yet, so its cursors have positions only. */
  epoch: string | null;
  /**
   * Of the newest event when the server opened it last on this socket: up to there the principal may read, whatever an
   * event says. Null: it was resumed, and how far is not known.
   */
  grantedTo: number | null;
  /** Messages that are being written, as far as they were told. */
  readonly drafts: Map<string, Draft>;
}

export function newPlace(conversation: string): Place {
  return { conversation, position: null, epoch: null, grantedTo: null, drafts: new Map() };
}

/** A bare position where the epoch is not known. */
export function cursorAt(epoch: string | null, position: number): Cursor {
  return epoch === null ? position : `${epoch}:${position}`;
}

/** Why this is no cursor; null when it is one. */
export function cursorFault(cursor: Cursor | undefined): ParleyProblem | null {
  if (cursor === undefined || /^([^:]+:)?\d{1,15}$/.test(String(cursor))) return null;
  const message = `'${String(cursor).slice(0, 100)}' is no cursor: a position, or '<epoch>:<position>'.`;
  return new ParleyProblem('invalid_request', message);
}

/** Of a cursor that is one. */
export function parseCursor(cursor: Cursor): { readonly epoch: string | null; readonly position: number } {
  if (typeof cursor === 'number') return { epoch: null, position: cursor };
  const [epoch = '', position = ''] = cursor.split(':');
  return position === '' ? { epoch: null, position: Number(epoch) } : { epoch, position: Number(position) };
}

/** Does this event bring the principal into the conversation? */
export function bringsIn(event: Event, principal: string): boolean {
  if (event.type === 'participant.added') return event.data.participant.id === principal;
  if (event.type !== 'conversation.created') return false;
  return event.actor.id === principal || event.data.participants.some(({ id }) => id === principal);
}

/** Does this event end what the principal may read? Not if it was let in again since. */
export function sendsAway(event: Event, principal: string, { grantedTo }: Place): boolean {
  if (event.type === 'conversation.deleted') return true;
  if (grantedTo !== null && event.position <= grantedTo) return false;
  return event.type === 'participant.removed' && event.data.participant === principal;
}

/** UUIDs compare without case; other ids are left to the server, which refuses them. */
export function canonical(conversation: string): string {
  return /^[0-9a-f-]{36}$/i.test(conversation) ? conversation.toLowerCase() : conversation;
}
