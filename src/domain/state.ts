/** The bounded state of a conversation: what you get by folding its events with evolve(). */
import type { ConversationType, Entity, ParticipantRole, Priority, Stage } from './event.ts';
import { IdempotencyWindow } from './idempotency-window.ts';
import type { NodeId, PrincipalId, ServiceId } from './ids.ts';
import type { PrincipalKind } from './principal.ts';
import type { Micros } from './time.ts';

export interface Participant {
  readonly id: PrincipalId;
  readonly kind: PrincipalKind;
  readonly role: ParticipantRole;
  readonly joinedAt: Micros;
  /** Seq of the conversation when it joined: unread counts start there. */
  readonly joinedSeq: number;
}

export interface Pause {
  readonly by: PrincipalId;
  readonly at: string;
  readonly reason: string | null;
}

/** An open run: from its first post until end_run, a preempt or cancel, or 15 idle minutes. */
export interface OpenRun {
  readonly owner: PrincipalId;
  readonly lastAt: Micros;
}

export type StoppedRun = 'preempted' | 'cancelled';

export interface ConversationState {
  /** `none`: the log is empty. `deleted`: it ends in conversation.deleted; nothing follows. */
  readonly status: 'none' | 'open' | 'deleted';
  /** Last event's position; 0 when empty. */
  readonly position: number;
  /** Last timeline entry's seq. */
  readonly seq: number;
  /** Stream sequence of the last event of this conversation: the expectation of the next append. */
  readonly logSeq: number;
  /** Time of the last event. */
  readonly at: Micros;
  readonly lastNode: NodeId | null;
  readonly type: ConversationType;
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly stage: Stage;
  readonly entity: Entity;
  readonly env: string;
  readonly service: ServiceId | null;
  readonly createdBy: PrincipalId;
  readonly createdAt: Micros;
  /** When its own fields (name, description, metadata, stage) were set for the last time; no message moves it. */
  readonly changedAt: Micros;
  readonly participants: ReadonlyMap<PrincipalId, Participant>;
  readonly paused: Pause | null;
  readonly floor: PrincipalId | null;
  readonly priority: Priority | null;
  readonly openRuns: ReadonlyMap<string, OpenRun>;
  /** The newest limits.runsMax runs that a control event ended, oldest first. */
  readonly stoppedRuns: ReadonlyMap<string, StoppedRun>;
  /** Default priority of single runs, set by stream.priority with a run. */
  readonly runPriorities: ReadonlyMap<string, Priority>;
  readonly window: IdempotencyWindow;
}

/** Of a conversation that is about nothing in particular: one object for all of them. */
export const noEntity: Entity = Object.freeze({ type: null, id: null });

/** State of an empty log. Every call makes a new one, since the window belongs to one conversation. */
export function emptyState(): ConversationState {
  return {
    status: 'none',
    position: 0,
    seq: 0,
    logSeq: 0,
    at: 0,
    lastNode: null,
    type: 'group',
    name: null,
    description: null,
    metadata: {},
    stage: 'active',
    entity: noEntity,
    env: 'dev',
    service: null,
    createdBy: '',
    createdAt: 0,
    changedAt: 0,
    participants: new Map(),
    paused: null,
    floor: null,
    priority: null,
    openRuns: new Map(),
    stoppedRuns: new Map(),
    runPriorities: new Map(),
    window: new IdempotencyWindow(true),
  };
}

/** Everything of a state that is not a table of its own in the projection: stored as one JSON column. */
export interface StoredControlState {
  readonly paused: Pause | null;
  readonly floor: PrincipalId | null;
  readonly priority: Priority | null;
  readonly openRuns: readonly (readonly [string, OpenRun])[];
  readonly stoppedRuns: readonly (readonly [string, StoppedRun])[];
  readonly runPriorities: readonly (readonly [string, Priority])[];
}
