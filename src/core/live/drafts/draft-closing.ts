/**
 * Closing drafts before a control event ends them: what the interrupted message says must be all that
 * readers are shown, so nothing may be added to a draft, by any node, once it was read for the last time.
 */
import { decide } from '../../../domain/decide/decide.ts';
import { type DraftFact, noFacts } from '../../../domain/facts.ts';
import type { MessageId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { DraftStore } from '../../../ports/draft-store.ts';
import { joinChunks } from '../../conversations/facts-reader.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { ForwardedCommand } from '../../conversations/writing/forwarder.ts';

export interface DraftClosing {
  /**
   * Closes the drafts that the command would make interrupted messages of, in the state known here; none
   * when it would be refused. What cannot be closed now is left as it is: the command is decided anyway.
   */
  close(conversation: LoadedConversation, asked: ForwardedCommand): Promise<void>;
}

export function openDraftClosing(store: DraftStore, clock: Clock): DraftClosing {
  return {
    async close(conversation, asked) {
      // A draft may begin while others are closed: the last round finds nothing open.
      for (let rounds = 0; rounds < limits.draftCloseRoundsMax; rounds += 1) {
        const stored = await store.read(conversation.ref);
        if (stored instanceof Problem) return;
        const closed = new Set<MessageId>();
        for (const { chunk } of stored) if (chunk.closed === true) closed.add(chunk.message_id);
        const drafts = joinChunks(stored).filter((draft) => !closed.has(draft.messageId));
        const ended = drafts.length === 0 ? [] : endedBy(conversation, asked, drafts, clock);
        if (ended.length === 0) return;
        await Promise.all(ended.map((draft) => store.close(conversation.ref, draft)));
      }
    },
  };
}

/** Those drafts that the rules would make a message of now. */
function endedBy(
  { state }: LoadedConversation,
  { principal, command, context }: ForwardedCommand,
  drafts: readonly DraftFact[],
  clock: Clock,
): readonly DraftFact[] {
  // Nothing of this decision is stored: any id will do.
  const spareIds = drafts.map(() => context.id);
  const facts = { ...noFacts, drafts, spareIds };
  const decision = decide(command, { state, facts, principal, context, now: clock.nowMicros() });
  if (decision instanceof Problem || decision.kind !== 'append') return [];
  const ended = new Set<MessageId>();
  for (const event of decision.events) if (event.type === 'message.posted') ended.add(event.data.message_id);
  return drafts.filter((draft) => ended.has(draft.messageId));
}
