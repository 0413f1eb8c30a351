/**
 * What a batch does to one conversation. Entries that follow the watermark are folded whole, by
 * evolve(); structural entries ahead of it change only fields and participants, each of which knows
 * the position of its last change, so the order of the two does not matter.
 */
import type { ConversationRef, ErasedEvent, LogEntry } from '../../../../domain/event.ts';
import { evolve } from '../../../../domain/evolve/evolve.ts';
import type { ConversationState } from '../../../../domain/state.ts';
import { type ConversationRow, isSameControl, stateOfRow } from '../conversation-row.ts';
import { StructureFold, type StructureRow } from './structure-fold.ts';
import { TimelineFold } from './timeline-fold.ts';

export class ConversationFold {
  readonly ref: ConversationRef;
  readonly structure: StructureFold;
  timeline: TimelineFold;
  /** As of the watermark. Only its numbers and its control state count. */
  state: ConversationState;
  /** The conversation ended in this batch: all its rows go. */
  isWiped = false;
  /** Position of its last event that may have taken a message out of unread counts; 0: none did. */
  recountPosition = 0;
  readonly #loaded: ConversationState;

  constructor(ref: ConversationRef, row: ConversationRow & StructureRow, timeline: TimelineFold) {
    this.ref = ref;
    this.timeline = timeline;
    this.#loaded = stateOfRow(row);
    this.state = this.#loaded;
    this.structure = new StructureFold(row);
  }

  get isMoved(): boolean {
    return this.state.position > this.#loaded.position;
  }

  get isControlChanged(): boolean {
    return !isSameControl(this.state, this.#loaded);
  }

  /** An entry after the watermark, which moves there. */
  apply(logged: LogEntry): void {
    const { event } = logged;
    const isKnown = event.type === 'message.deleted' && this.timeline.knows(event.data.message_id);
    // The fold of a batch has no window: whether this deletion tells anything new, the rows know.
    this.state = evolve(this.state, isKnown ? { ...logged, erased: [] } : logged);
    if (event.type === 'conversation.deleted') {
      this.isWiped = true;
      this.timeline = new TimelineFold(new Map());
    }
    if (this.structure.status === 'deleted') return;
    this.structure.apply(event, this.state.seq);
    this.#applyToTimeline(logged);
  }

  /** A structural entry that does not follow the watermark directly. */
  applyAhead(logged: LogEntry): void {
    if (this.structure.status === 'deleted') return;
    // The seq at which it stands is not known before the projector comes here: it corrects this.
    this.structure.apply(logged.event, this.state.seq);
  }

  #applyToTimeline(logged: LogEntry): void {
    const { event } = logged;
    switch (event.type) {
      case 'message.posted':
        this.timeline.add(logged, this.#hashOf(event.data.message_id));
        return;
      case 'control':
        this.timeline.add(logged, null);
        return;
      case 'message.edited':
        if (this.timeline.edit(logged, event)) this.recountPosition = event.position;
        return;
      case 'message.deleted':
        this.recountPosition = event.position;
        this.#correctJoins(this.timeline.remove(logged, event));
        return;
      case 'reaction.changed':
        this.timeline.react(logged, event);
        return;
      default:
        return;
    }
  }

  /** evolve() has just computed it for the window. */
  #hashOf(message: string): number | null {
    return this.state.window.byMessageId(message, this.state.position)?.hash ?? null;
  }

  #correctJoins(erased: ErasedEvent | null): void {
    if (erased !== null && erased.seq !== null) this.structure.missedSeq(erased.position, erased.seq);
  }
}
