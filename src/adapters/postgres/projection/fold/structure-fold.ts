/** What a batch does to a conversation's fields and participants. */
import type { Event, EventOf, ParticipantRole, ParticipantView, Stage } from '../../../../domain/event.ts';
import type { PrincipalId } from '../../../../domain/ids.ts';
import type { PrincipalKind } from '../../../../domain/principal.ts';
import type { ConversationState } from '../../../../domain/state.ts';
import { type Micros, parseMicros } from '../../../../domain/time.ts';
import type { StoredSeal } from '../../../../ports/projection/stored-seal.ts';

/** The columns of `conversations` that tell which structural events it has seen. */
export interface StructureRow {
  readonly status: ConversationState['status'];
  readonly name_position: number;
  readonly description_position: number;
  readonly metadata_position: number;
  readonly stage_position: number;
}

/** A field and the position of the event that set it. */
interface Placed<T> {
  readonly value: T;
  readonly position: number;
  /** Where the value is empty because the event's texts are sealed. */
  readonly seal?: StoredSeal | null;
}

/** An addition (`active`) or removal, with the role that counts after it. */
export interface FoldedMembership {
  readonly active: boolean;
  readonly kind: PrincipalKind | null;
  role: ParticipantRole | null;
  readonly joinedAt: Micros | null;
  joinedSeq: number | null;
  readonly position: number;
  rolePosition: number;
  readonly ordinal: number;
}

export class StructureFold {
  status: ConversationState['status'];
  /** Set when this batch creates the conversation. */
  created: EventOf<'conversation.created'> | null = null;
  /** Set when this batch changes them. */
  name: Placed<string | null> | null = null;
  description: Placed<string | null> | null = null;
  metadata: Placed<object> | null = null;
  stage: Placed<Stage> | null = null;
  /** When this batch set fields for the last time; 0: it did not. Times grow with positions. */
  changedAt: Micros = 0;
  /** Set when this batch deletes the conversation. */
  deletedPosition: number | null = null;
  /** Who was in it then. */
  formerParticipants: readonly PrincipalId[] = [];
  readonly memberships = new Map<PrincipalId, FoldedMembership>();
  /** Roles of participants whose membership this batch does not touch. */
  readonly roles = new Map<PrincipalId, Placed<ParticipantRole>>();
  /** Timeline entries that were erased before this projection saw them. */
  readonly missed: { readonly position: number; readonly seq: number }[] = [];
  readonly #row: StructureRow;

  constructor(row: StructureRow) {
    this.#row = row;
    this.status = row.status;
  }

  get areFieldsChanged(): boolean {
    return this.changedAt > 0 || this.deletedPosition !== null;
  }

  /** `seq`: of the conversation when the event happened. */
  apply(event: Event, seq: number): void {
    switch (event.type) {
      case 'conversation.created':
        this.#create(event);
        return;
      case 'conversation.updated':
        this.#setFields(event);
        return;
      case 'conversation.deleted':
        this.#delete(event);
        return;
      case 'participant.added':
        this.#add(event, event.data.participant, seq, 0);
        return;
      case 'participant.removed':
        this.#remove(event);
        return;
      case 'participant.role':
        this.#setRole(event);
        return;
      default:
        return;
    }
  }

  /**
   * A timeline entry at `position` took `seq`, but it was erased before this projection saw it: who
   * joined after it had not the seq that was counted here.
   */
  missedSeq(position: number, seq: number): void {
    this.missed.push({ position, seq });
    for (const one of this.memberships.values()) {
      if (one.joinedSeq !== null && one.position > position) one.joinedSeq = Math.max(one.joinedSeq, seq);
    }
  }

  #create(event: EventOf<'conversation.created'>): void {
    this.status = 'open';
    this.created = event;
    this.#setFields(event);
    event.data.participants.forEach((participant, ordinal) => {
      this.#add(event, participant, 0, ordinal);
    });
  }

  #setFields({
    id,
    position,
    at,
    data,
  }: EventOf<'conversation.updated'> | EventOf<'conversation.created'>): void {
    const { name, description, metadata, stage, sealed } = data;
    const seal: StoredSeal | null = sealed === undefined ? null : [id, position, sealed];
    this.changedAt = Math.max(this.changedAt, parseMicros(at) ?? 0);
    const row = this.#row;
    if (name !== undefined && position > row.name_position) this.name = { value: name, position, seal };
    if (description !== undefined && position > row.description_position) {
      this.description = { value: description, position, seal };
    }
    if (metadata !== undefined && position > row.metadata_position) {
      this.metadata = { value: metadata, position, seal };
    }
    if (stage !== undefined && position > row.stage_position) this.stage = { value: stage, position };
  }

  #delete({ position, data }: EventOf<'conversation.deleted'>): void {
    this.status = 'deleted';
    this.deletedPosition = position;
    this.formerParticipants = data.participants ?? [];
    this.created = null;
    this.memberships.clear();
    this.roles.clear();
  }

  #add(event: Event, participant: ParticipantView, joinedSeq: number, ordinal: number): void {
    const { id, kind, role } = participant;
    const { position } = event;
    const joinedAt = parseMicros(event.at) ?? 0;
    const joined = { active: true, kind, role, joinedAt, joinedSeq, position, ordinal };
    this.memberships.set(id, { ...joined, rolePosition: position });
    this.roles.delete(id);
  }

  #remove(event: EventOf<'participant.removed'>): void {
    const { position } = event;
    const left = { active: false, kind: null, role: null, joinedAt: null, joinedSeq: null, ordinal: 0 };
    this.memberships.set(event.data.participant, { ...left, position, rolePosition: position });
    this.roles.delete(event.data.participant);
  }

  #setRole(event: EventOf<'participant.role'>): void {
    const { participant, role } = event.data;
    const membership = this.memberships.get(participant);
    if (membership === undefined) {
      this.roles.set(participant, { value: role, position: event.position });
      return;
    }
    if (!membership.active) return;
    membership.role = role;
    membership.rolePosition = event.position;
  }
}
