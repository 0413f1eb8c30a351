/**
 * The readers' side of drafts: what is being streamed in a conversation, kept by every node that has
 * readers of it, fed by the `delta` pulses that the draft store republishes. So a reader gets the text
 * so far when it opens, and then the rest, whatever node it is on.
 */
import type { Event } from '../../../domain/event.ts';
import { Problem } from '../../../domain/problem.ts';
import type { DraftChunk } from '../../../ports/draft-store.ts';
import type { LiveFeed, PulseKind } from '../../../ports/live-feed.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { Audience } from '../audience.ts';
import type { Pulse } from '../live-bus.ts';
import { ShownDrafts, type ShownDraftsDeps } from './shown-drafts.ts';

export interface DraftReader {
  /** Starts following the pulses of a conversation that got its first reader. */
  begin(conversation: LoadedConversation, audience: Audience): void;
}

interface Deps extends ShownDraftsDeps {
  readonly live: LiveFeed;
}

export function openDraftReader(deps: Deps): DraftReader {
  const { store, live, pulses } = deps;

  /** That a draft was abandoned is told once: to those who have seen some of it, or to all if nothing was to be seen. */
  function onPulse(conversation: LoadedConversation, audience: Audience, pulse: Pulse): void {
    if (pulse.kind === 'draft.abandoned') {
      const draft = audience.drafts.get(pulse.message_id);
      if (draft === undefined ? pulse.unseen !== true : draft.isAbandoned) return;
      if (draft !== undefined) draft.isAbandoned = true;
    }
    pulses.send(audience, pulse, conversation);
  }

  return {
    begin(conversation, audience) {
      const shown = new ShownDrafts(deps, conversation, audience);
      const early: DraftChunk[] = [];
      let take = (chunk: DraftChunk): void => void early.push(chunk);
      audience.stopPulses = live.followPulses(conversation.ref, (kind: PulseKind, body) => {
        if (kind === 'delta') take(parse<DraftChunk>(body));
        else onPulse(conversation, audience, parse<Pulse>(body));
      });
      audience.draftsLoaded = store.read(conversation.ref).then((stored) => {
        take = (chunk) => shown.take(chunk);
        if (!(stored instanceof Problem)) for (const { chunk } of stored) shown.add(chunk);
        for (const chunk of early) shown.take(chunk);
      });
    },
  };
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
