/** A row of `conversations`, and the part of a conversation's state that it holds. */
import type { ConversationType, Entity, Stage } from '../../../domain/event.ts';
import { IdempotencyWindow } from '../../../domain/idempotency-window.ts';
import { type ConversationState, noEntity, type StoredControlState } from '../../../domain/state.ts';
import type { SurveyedConversation } from '../../../ports/conversations/conversation-survey.ts';
import type { SealedFields } from '../../../ports/projection/stored-seal.ts';

export interface ConversationRow {
  readonly tenant_id: string;
  readonly conversation_id: string;
  readonly service_id: string | null;
  readonly status: ConversationState['status'];
  readonly type: ConversationType;
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly stage: Stage;
  readonly entity_type: string | null;
  readonly entity_id: string | null;
  readonly env: string;
  readonly created_by: string;
  readonly created_us: number;
  readonly changed_us: number;
  readonly position: number;
  readonly seq: number;
  readonly log_seq: number;
  readonly updated_us: number;
  readonly last_node: string;
  readonly control: StoredControlState | null;
}

/** A row with what is sealed of its fields. */
export type SealedRow = { readonly sealed: SealedFields | null };

/** The columns of a conversation that lists show. */
export type SurveyedRow = SealedRow &
  Pick<
    ConversationRow,
    | 'tenant_id'
    | 'conversation_id'
    | 'service_id'
    | 'type'
    | 'name'
    | 'description'
    | 'metadata'
    | 'stage'
    | 'entity_type'
    | 'entity_id'
    | 'env'
    | 'created_by'
    | 'created_us'
    | 'changed_us'
    | 'updated_us'
    | 'position'
    | 'seq'
  >;

export function toSurveyed(row: SurveyedRow): SurveyedConversation {
  return {
    ref: { tenant: row.tenant_id, service: row.service_id, conversation: row.conversation_id },
    type: row.type,
    name: row.name,
    description: row.description,
    metadata: row.metadata,
    stage: row.stage,
    entity: entityOf(row),
    env: row.env,
    createdBy: row.created_by,
    createdAt: row.created_us,
    changedAt: row.changed_us,
    updatedAt: row.updated_us,
    position: row.position,
    seq: row.seq,
    ...(row.sealed === null ? {} : { sealed: row.sealed }),
  };
}

function entityOf({
  entity_type: type,
  entity_id: id,
}: Pick<ConversationRow, 'entity_type' | 'entity_id'>): Entity {
  return type === null && id === null ? noEntity : { type, id };
}

/** Shared by all states: evolve() replaces a map, it never changes one. */
const none: ReadonlyMap<string, never> = new Map<string, never>();

/** Everything that a row says about the state; its participants and its window are empty. */
export function stateOfRow(row: ConversationRow): ConversationState {
  return {
    status: row.status,
    position: row.position,
    seq: row.seq,
    logSeq: row.log_seq,
    at: row.updated_us,
    lastNode: row.last_node === '' ? null : row.last_node,
    type: row.type,
    name: row.name,
    description: row.description,
    metadata: row.metadata,
    stage: row.stage,
    entity: entityOf(row),
    env: row.env,
    service: row.status === 'open' ? row.service_id : null,
    createdBy: row.created_by,
    createdAt: row.created_us,
    changedAt: row.changed_us,
    participants: none,
    ...(row.control === null ? plainControl : controlOf(row.control)),
    window: new IdempotencyWindow(false),
  };
}

type ControlState = Pick<
  ConversationState,
  'paused' | 'floor' | 'priority' | 'openRuns' | 'stoppedRuns' | 'runPriorities'
>;

const plainControl: ControlState = {
  paused: null,
  floor: null,
  priority: null,
  openRuns: none,
  stoppedRuns: none,
  runPriorities: none,
};

function controlOf(stored: StoredControlState): ControlState {
  return {
    paused: stored.paused,
    floor: stored.floor,
    priority: stored.priority,
    openRuns: new Map(stored.openRuns),
    stoppedRuns: new Map(stored.stoppedRuns),
    runPriorities: new Map(stored.runPriorities),
  };
}

/** The control state as it is stored; null when there is nothing to say, as in most conversations. */
export function storedControl(state: ControlState): StoredControlState | null {
  const { paused, floor, priority, openRuns, stoppedRuns, runPriorities } = state;
  const isPlain = paused === null && floor === null && priority === null;
  if (isPlain && openRuns.size === 0 && stoppedRuns.size === 0 && runPriorities.size === 0) return null;
  return {
    paused,
    floor,
    priority,
    openRuns: [...openRuns],
    stoppedRuns: [...stoppedRuns],
    runPriorities: [...runPriorities],
  };
}

/** True when both states have the same control state: evolve() replaces what it changes. */
export function isSameControl(one: ControlState, other: ControlState): boolean {
  return (
    one.paused === other.paused &&
    one.floor === other.floor &&
    one.priority === other.priority &&
    one.openRuns === other.openRuns &&
    one.stoppedRuns === other.stoppedRuns &&
    one.runPriorities === other.runPriorities
  );
}
