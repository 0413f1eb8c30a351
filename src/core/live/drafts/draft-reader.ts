/**
 * The readers' side of drafts: what is being streamed in a conversation, kept by every node that has
 * readers of it, fed by the `delta` pulses that the draft store republishes. A gap in the index is
 * filled from the store; a chunk that was seen already is dropped. So a reader gets the text so far
 * when it opens, and then the rest, whatever node it is on.
 */
import type { Event } from '../../../domain/event.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { DraftChunk, DraftStore } from '../../../ports/draft-store.ts';
import type { LiveFeed, PulseKind } from '../../../ports/live-feed.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { Fanout } from '../../../ports/outbox.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { Audience } from '../audience.ts';
import type { Pulse } from '../live-bus.ts';
import type { PulseDelivery } from '../pulses/pulse-delivery.ts';
import type { OpenDraft } from './open-draft.ts';

export interface DraftReader {
  /** Starts following the pulses of a conversation that got its first reader. */
  begin(conversation: LoadedConversation, audience: Audience): void;
}

interface Deps {
  readonly store: DraftStore;
  readonly live: LiveFeed;
  readonly fanout: Fanout;
  readonly pulses: PulseDelivery;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export function openDraftReader(deps: Deps): DraftReader {
  const { store, live, clock } = deps;

  function begin(conversation: LoadedConversation, audience: Audience): void {
    const early: DraftChunk[] = [];
    let take = (chunk: DraftChunk): void => void early.push(chunk);
    audience.stopPulses = live.followPulses(conversation.ref, (kind: PulseKind, body) => {
      if (kind === 'delta') take(parse<DraftChunk>(body));
      else onPulse(conversation, audience, parse<Pulse>(body));
    });
    audience.draftsLoaded = store.read(conversation.ref).then((stored) => {
      take = (chunk) => onChunk(conversation, audience, chunk);
      if (!(stored instanceof Problem)) for (const { chunk } of stored) add(conversation, audience, chunk);
      for (const chunk of early) onChunk(conversation, audience, chunk);
    });
  }

  /** That a draft was abandoned is told once: to those who have seen some of it, or to all if nothing was to be seen. */
  function onPulse(conversation: LoadedConversation, audience: Audience, pulse: Pulse): void {
    if (pulse.kind === 'draft.abandoned') {
      const draft = audience.drafts.get(pulse.message_id);
      if (draft === undefined ? pulse.unseen !== true : draft.isAbandoned) return;
      if (draft !== undefined) draft.isAbandoned = true;
    }
    deps.pulses.send(audience, pulse, conversation);
  }

  /** A chunk from the feed; what is new in it goes to the readers. */
  function onChunk(conversation: LoadedConversation, audience: Audience, chunk: DraftChunk): void {
    // The closing chunk has nothing to show, and nothing comes after it.
    if (conversation.followers !== audience || chunk.closed === true) return;
    const draft = audience.drafts.get(chunk.message_id);
    const next = draft === undefined ? 0 : draft.index + 1;
    if (chunk.index < next) return;
    // Something was missed, or the agent began anew and joins its deltas otherwise.
    if (chunk.from !== next) return fill(conversation, audience, chunk);
    if (!add(conversation, audience, chunk)) return;
    broadcast(conversation, audience, chunk);
  }

  function broadcast(conversation: LoadedConversation, audience: Audience, chunk: DraftChunk): void {
    const delta = {
      conversation: conversation.ref.conversation,
      message_id: chunk.message_id,
      run: chunk.run,
      from: chunk.from,
      index: chunk.index,
      text: chunk.text,
    };
    deps.metrics.deltas.add(1);
    for (const group of audience.groups.values()) {
      const frame = group.wording.delta(delta, chunk.author.id, conversation);
      if (frame !== null) deps.fanout.publish(group.topic, frame, group.count, false);
    }
  }

  /** Adds a chunk that continues its draft; false when the draft has ended or has no room. */
  function add(conversation: LoadedConversation, audience: Audience, chunk: DraftChunk): boolean {
    if (chunk.closed === true || hasEnded(conversation, chunk)) return false;
    const draft = audience.drafts.get(chunk.message_id);
    if (draft === undefined) {
      if (chunk.from !== 0 || audience.drafts.size >= limits.draftsPerConversationMax) return false;
      const made: OpenDraft = {
        messageId: chunk.message_id,
        run: chunk.run,
        author: chunk.author.id,
        from: 0,
        index: chunk.index,
        text: chunk.text,
        lastMs: clock.monotonicMs(),
        isAbandoned: false,
      };
      audience.drafts.set(chunk.message_id, made);
      watchSilence(conversation, audience, made);
      return true;
    }
    if (chunk.from !== draft.index + 1) return false;
    draft.index = chunk.index;
    draft.text += chunk.text;
    draft.lastMs = clock.monotonicMs();
    draft.isAbandoned = false;
    return true;
  }

  /** Reads the draft again and hands out what was not seen. */
  function fill(conversation: LoadedConversation, audience: Audience, chunk: DraftChunk): void {
    const { drafts, filling } = audience;
    const { message_id: id, index } = chunk;
    const named = filling.get(id);
    if (named !== undefined) return void filling.set(id, Math.max(named, index));
    const hasRoom = drafts.has(id) || drafts.size < limits.draftsPerConversationMax;
    if (!hasRoom || hasEnded(conversation, chunk)) return;
    filling.set(id, index);
    deps.metrics.gapRepairs.add(1);
    void store.read(conversation.ref, id).then((stored) => {
      const seen = filling.get(id) ?? index;
      filling.delete(id);
      if (stored instanceof Problem || conversation.followers !== audience) return;
      const whole = joined(stored.map((one) => one.chunk));
      if (whole === null || hasEnded(conversation, whole) || !takeWhole(conversation, audience, whole))
        return;
      // What came after the store was read was dropped while it was read.
      const known = drafts.get(id);
      if (known !== undefined && known.index < seen) fill(conversation, audience, { ...chunk, index: seen });
    });
  }

  /** The draft from its beginning; false when it holds nothing new. */
  function takeWhole(conversation: LoadedConversation, audience: Audience, whole: DraftChunk): boolean {
    const draft = audience.drafts.get(whole.message_id);
    if (draft === undefined) {
      if (!add(conversation, audience, whole)) return false;
      broadcast(conversation, audience, whole);
      return true;
    }
    if (whole.index <= draft.index) return false;
    const goesOn = whole.text.startsWith(draft.text);
    const rest = { ...whole, from: draft.index + 1, text: whole.text.slice(draft.text.length) };
    draft.index = whole.index;
    draft.text = whole.text;
    draft.lastMs = clock.monotonicMs();
    draft.isAbandoned = false;
    // Another text than before: readers are given all of it, from delta 0 on.
    broadcast(conversation, audience, goesOn ? rest : whole);
    return true;
  }

  function watchSilence(conversation: LoadedConversation, audience: Audience, draft: OpenDraft): void {
    const check = (): void => {
      if (conversation.followers !== audience || audience.drafts.get(draft.messageId) !== draft) return;
      const silentMs = clock.monotonicMs() - draft.lastMs;
      if (silentMs >= limits.draftAgeMs) return void audience.drafts.delete(draft.messageId);
      if (silentMs >= limits.draftSilenceMs && !draft.isAbandoned) {
        draft.isAbandoned = true;
        const { messageId, run, author } = draft;
        const { conversation: id } = conversation.ref;
        const news = { kind: 'draft.abandoned', conversation: id, from: author } as const;
        deps.pulses.send(audience, { ...news, message_id: messageId, run }, conversation);
      }
      const waitMs =
        silentMs < limits.draftSilenceMs ? limits.draftSilenceMs - silentMs : limits.draftSilenceMs;
      clock.after(waitMs, check);
    };
    clock.after(limits.draftSilenceMs, check);
  }

  return { begin };
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

/** The message was posted, or its run was stopped: later chunks are not shown any more. */
function hasEnded(conversation: LoadedConversation, chunk: DraftChunk): boolean {
  const { state } = conversation;
  return (
    state.stoppedRuns.has(chunk.run) || state.window.byMessageId(chunk.message_id, state.position) !== null
  );
}

/** An event that ends drafts: the message itself, or a control event that stops their runs. */
export function endDrafts(audience: Audience, event: Event): void {
  if (audience.drafts.size === 0) return;
  if (event.type === 'message.posted') audience.drafts.delete(event.data.message_id);
  if (
    event.type !== 'control' ||
    (event.data.event !== 'stream.preempt' && event.data.event !== 'stream.cancel')
  )
    return;
  for (const draft of audience.drafts.values()) {
    if (event.data.runs.includes(draft.run)) audience.drafts.delete(draft.messageId);
  }
}

const textDecoder = new TextDecoder();

function parse<T>(body: Uint8Array): T {
  return JSON.parse(textDecoder.decode(body)) as T;
}
