/** Opening: who may follow a conversation, what the reply says, and when the reader goes live. */
import type { ConversationId } from '../../../domain/ids.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { ConversationCache } from '../../conversations/conversation-cache.ts';
import type { HeadCheck } from '../../conversations/head-check.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { Replay } from '../../conversations/replay.ts';
import { audienceOf } from '../audience.ts';
import type { Delivery } from '../delivery.ts';
import type { DraftReader } from '../drafts/draft-reader.ts';
import type { Opened, OpenRequest, Refused } from '../live-bus.ts';
import type { Session } from '../session.ts';
import { openBacklog, type ToldDrafts } from './backlog.ts';
import { releaseAudience } from './first-reader.ts';
import type { Ready } from './prepare.ts';
import { Requested } from './requested.ts';

export interface Opening {
  /**
   * Opens conversations for a session. `reply` is called once, before any event of them is sent, in
   * the turn in which those without a backlog begin to be live.
   */
  open(
    session: Session,
    requests: readonly OpenRequest[],
    reply: (opened: readonly Opened[], refused: readonly Refused[]) => void,
  ): Promise<void>;
  /** Ends the following of one conversation; unknown ones are ignored. */
  close(session: Session, conversation: ConversationId): void;
  /** Ends everything of a session whose socket is gone. */
  end(session: Session): void;
}

interface Deps {
  readonly log: Log;
  readonly cache: ConversationCache;
  readonly headCheck: HeadCheck;
  readonly replay: Replay;
  readonly delivery: Delivery;
  readonly drafts: DraftReader;
  readonly clock: Clock;
}

export function openOpening(deps: Deps): Opening {
  const { log, delivery } = deps;
  const { catchUpAndJoin, join } = openBacklog(deps);

  function describe(conversation: LoadedConversation): Opened {
    const { ref, state } = conversation;
    const audience = audienceOf(conversation);
    return { ref, epoch: log.epoch(ref.conversation), state, drafts: [...(audience?.drafts.values() ?? [])] };
  }

  async function openOne(session: Session, ready: Ready): Promise<void> {
    const { conversation } = ready;
    const id = conversation.ref.conversation;
    const told = toldDrafts(conversation);
    const mark = { conversation };
    session.opening.set(id, mark);
    conversation.pins += 1;
    try {
      const isWanted = (): boolean => !session.isClosed && session.opening.get(id) === mark;
      await catchUpAndJoin(session, conversation, ready.after ?? 0, told, isWanted);
    } finally {
      conversation.pins -= 1;
      if (session.opening.get(id) === mark) session.opening.delete(id);
      releaseAudience(conversation);
    }
  }

  /** Those without a backlog go live in the very turn of the reply; the others get theirs page by page. */
  function begin(session: Session, ready: readonly Ready[], requested: Requested): Promise<void>[] {
    const slow: Promise<void>[] = [];
    for (const one of ready) {
      const { conversation } = one;
      if (!requested.isWanted(conversation)) continue;
      if (session.opened.has(conversation) || session.opening.has(conversation.ref.conversation)) continue;
      if (one.after === null || one.after === conversation.state.position) join(session, conversation);
      else slow.push(openOne(session, one));
    }
    return slow;
  }

  return {
    async open(session, requests, reply) {
      const requested = new Requested(deps, session, requests);
      try {
        await requested.prepare();
        if (session.isClosed) return;
        const { ready, refused } = requested.admit();
        reply(
          ready.map((one) => describe(one.conversation)),
          refused,
        );
        await Promise.all(begin(session, ready, requested));
      } finally {
        requested.release();
      }
    },

    close(session, conversation) {
      session.opening.delete(conversation);
      for (const wanted of session.preparing) wanted.delete(conversation);
      for (const one of session.opened)
        if (one.ref.conversation === conversation) delivery.leave(one, session);
    },

    end(session) {
      session.isClosed = true;
      for (const one of [...session.opened]) delivery.leave(one, session);
    },
  };
}

/** What the reply says of drafts: a reader with a backlog is told of them in it, and joins later. */
function toldDrafts(conversation: LoadedConversation): ToldDrafts {
  const drafts = [...(audienceOf(conversation)?.drafts.values() ?? [])];
  return new Map(drafts.map(({ messageId, index, text }) => [messageId, { index, chars: text.length }]));
}
