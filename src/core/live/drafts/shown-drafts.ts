/**
 * What the readers of a conversation here were shown of its drafts. A gap in the index is filled from the store; a
 * chunk that was seen already is dropped; a draft that falls silent is told of as abandoned, and forgotten later.
 */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { DraftChunk, DraftStore } from '../../../ports/draft-store.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { Fanout } from '../../../ports/outbox.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { Audience } from '../audience.ts';
import type { PulseDelivery } from '../pulses/pulse-delivery.ts';
import type { OpenDraft } from './open-draft.ts';

export interface ShownDraftsDeps {
  readonly store: DraftStore;
  readonly fanout: Fanout;
  readonly pulses: PulseDelivery;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export class ShownDrafts {
  readonly #deps: ShownDraftsDeps;
  readonly #conversation: LoadedConversation;
  readonly #audience: Audience;

  constructor(deps: ShownDraftsDeps, conversation: LoadedConversation, audience: Audience) {
    this.#deps = deps;
    this.#conversation = conversation;
    this.#audience = audience;
  }

  /** A chunk from the feed; what is new in it goes to the readers. */
  take(chunk: DraftChunk): void {
    // The closing chunk has nothing to show, and nothing comes after it.
    if (!this.#isFollowed() || chunk.closed === true) return;
    const draft = this.#audience.drafts.get(chunk.message_id);
    const next = draft === undefined ? 0 : draft.index + 1;
    if (chunk.index < next) return;
    // Something was missed, or the agent began anew and joins its deltas otherwise.
    if (chunk.from !== next) return this.#fill(chunk);
    if (!this.add(chunk)) return;
    this.#broadcast(chunk);
  }

  /** Adds a chunk that continues its draft, and shows it to nobody; false when the draft has ended or has no room. */
  add(chunk: DraftChunk): boolean {
    const { drafts } = this.#audience;
    if (chunk.closed === true || this.#hasEnded(chunk)) return false;
    const draft = drafts.get(chunk.message_id);
    if (draft === undefined) {
      if (chunk.from !== 0 || drafts.size >= limits.draftsPerConversationMax) return false;
      const made = draftOf(chunk, this.#deps.clock.monotonicMs());
      drafts.set(chunk.message_id, made);
      this.#watchSilence(made);
      return true;
    }
    if (chunk.from !== draft.index + 1) return false;
    this.#goOn(draft, chunk.index, draft.text + chunk.text);
    return true;
  }

  #isFollowed(): boolean {
    return this.#conversation.followers === this.#audience;
  }

  /** The message was posted, or its run was stopped: later chunks are not shown any more. */
  #hasEnded({ run, message_id: id }: DraftChunk): boolean {
    const { state } = this.#conversation;
    return state.stoppedRuns.has(run) || state.window.byMessageId(id, state.position) !== null;
  }

  #goOn(draft: OpenDraft, index: number, text: string): void {
    draft.index = index;
    draft.text = text;
    draft.lastMs = this.#deps.clock.monotonicMs();
    draft.isAbandoned = false;
  }

  #broadcast({ message_id, run, from, index, text, author }: DraftChunk): void {
    const { fanout, metrics } = this.#deps;
    const conversation = this.#conversation;
    const delta = { conversation: conversation.ref.conversation, message_id, run, from, index, text };
    metrics.deltas.add(1);
    for (const group of this.#audience.groups.values()) {
      const frame = group.wording.delta(delta, author.id, conversation);
      if (frame !== null) fanout.publish(group.topic, frame, group.count, false);
    }
  }

  /** Reads the draft again and hands out what was not seen. */
  #fill(chunk: DraftChunk): void {
    const { store, metrics } = this.#deps;
    const { drafts, filling } = this.#audience;
    const { message_id: id, index } = chunk;
    const named = filling.get(id);
    if (named !== undefined) return void filling.set(id, Math.max(named, index));
    const hasRoom = drafts.has(id) || drafts.size < limits.draftsPerConversationMax;
    if (!hasRoom || this.#hasEnded(chunk)) return;
    filling.set(id, index);
    metrics.gapRepairs.add(1);
    void store.read(this.#conversation.ref, id).then((stored) => {
      const seen = filling.get(id) ?? index;
      filling.delete(id);
      if (stored instanceof Problem || !this.#isFollowed()) return;
      const whole = joined(stored.map((one) => one.chunk));
      if (whole === null || this.#hasEnded(whole) || !this.#takeWhole(whole)) return;
      // What came after the store was read was dropped while it was read.
      const known = drafts.get(id);
      if (known !== undefined && known.index < seen) this.#fill({ ...chunk, index: seen });
    });
  }

  /** The draft from its beginning; false when it holds nothing new. */
  #takeWhole(whole: DraftChunk): boolean {
    const draft = this.#audience.drafts.get(whole.message_id);
    if (draft === undefined) {
      if (!this.add(whole)) return false;
      this.#broadcast(whole);
      return true;
    }
    if (whole.index <= draft.index) return false;
    const goesOn = whole.text.startsWith(draft.text);
    const rest = { ...whole, from: draft.index + 1, text: whole.text.slice(draft.text.length) };
    this.#goOn(draft, whole.index, whole.text);
    // Another text than before: readers are given all of it, from delta 0 on.
    this.#broadcast(goesOn ? rest : whole);
    return true;
  }

  #watchSilence(draft: OpenDraft): void {
    const { clock } = this.#deps;
    const { drafts } = this.#audience;
    const check = (): void => {
      if (!this.#isFollowed() || drafts.get(draft.messageId) !== draft) return;
      const silentMs = clock.monotonicMs() - draft.lastMs;
      if (silentMs >= limits.draftAgeMs) return void drafts.delete(draft.messageId);
      if (silentMs >= limits.draftSilenceMs && !draft.isAbandoned) this.#abandon(draft);
      const waitMs =
        silentMs < limits.draftSilenceMs ? limits.draftSilenceMs - silentMs : limits.draftSilenceMs;
      clock.after(waitMs, check);
    };
    clock.after(limits.draftSilenceMs, check);
  }

  #abandon(draft: OpenDraft): void {
    draft.isAbandoned = true;
    const { messageId, run, author } = draft;
    const { conversation: id } = this.#conversation.ref;
    const news = { kind: 'draft.abandoned', conversation: id, from: author } as const;
    this.#deps.pulses.send(this.#audience, { ...news, message_id: messageId, run }, this.#conversation);
  }
}

function draftOf({ message_id: messageId, run, author, index, text }: DraftChunk, lastMs: number): OpenDraft {
  return { messageId, run, author: author.id, from: 0, index, text, lastMs, isAbandoned: false };
}

/** Stored chunks as one, up to the first hole; null when the beginning is not there (any more). */
function joined(chunks: readonly DraftChunk[]): DraftChunk | null {
  const [first, ...others] = chunks;
  if (first === undefined || first.from !== 0) return null;
  let whole = first;
  for (const chunk of others) {
    if (chunk.from !== whole.index + 1) break;
    whole = { ...chunk, from: 0, text: whole.text + chunk.text };
  }
  return whole;
}
