/** What flows between nodes without being stored by us: committed events, pulses, notes to principals. */
import type { ConversationRef, LogEntry } from '../domain/event.ts';
import type { PrincipalId, TenantId } from '../domain/ids.ts';

/** A committed event as it arrives: its bytes are the Event's JSON and are forwarded without re-encoding. */
export interface LiveEntry {
  /** Position of the event: known without parsing it. */
  readonly position: number;
  readonly bytes: Uint8Array;
  /** False: surely without a sealed text. Known without parsing it; true may turn out to be wrong. */
  readonly isSealed: boolean;
  /** W3C trace context of its append, if it is recorded or its author gave one. */
  readonly traceparent: string | null;
  /** True for the event with this id; without parsing it. */
  isEvent(id: string): boolean;
  /** Parses bytes and headers; call it only when the entry is not known already. */
  decode(): LogEntry;
}

/** `delta` is the republished draft; the others are published by nodes. */
export type PulseKind = 'typing' | 'presence' | 'read' | 'draft' | 'delta';

export type StopFollowing = () => void;

export interface LiveFeed {
  readonly isConnected: boolean;

  /**
   * Calls `onEntry` for each committed event of the conversation from now on: in order while the
   * connection lives, possibly with gaps around a reconnect. A read that is requested after follow()
   * returned sees everything that onEntry does not.
   */
  follow(ref: ConversationRef, onEntry: (entry: LiveEntry) => void): StopFollowing;

  followPulses(ref: ConversationRef, onPulse: (kind: PulseKind, body: Uint8Array) => void): StopFollowing;
  /** Fire and forget: a pulse that is lost is not missed. */
  publishPulse(ref: ConversationRef, kind: Exclude<PulseKind, 'delta'>, body: object): void;

  /** Notes to one principal: `added`, `removed`. */
  followInbox(
    tenant: TenantId,
    principal: PrincipalId,
    onNote: (kind: string, body: unknown) => void,
  ): StopFollowing;
  publishInbox(tenant: TenantId, principal: PrincipalId, kind: string, body: object): void;

  /** Runs after each reconnect: whatever was cached is suspect from now on. */
  onReconnect(run: () => void): void;
}
