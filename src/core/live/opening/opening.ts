/** Opening: who may follow a conversation, what the reply says, and when the reader goes live. */
import type { ConversationId } from '../../../domain/ids.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { mayRead } from '../../../domain/permissions.ts';
import { Problem } from '../../../domain/problem.ts';
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
import { openBacklog } from './backlog.ts';
import { ensureAudience, releaseAudience } from './first-reader.ts';
import { prepareAndPin, type Ready } from './prepare.ts';

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
    const told = new Map(
      [...(audienceOf(conversation)?.drafts.values() ?? [])].map(({ messageId, index, text }) => [
        messageId,
        { index, chars: text.length },
      ]),
    );
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

  /**
   * Waits until the audiences have everything up to the present position, so that whoever joins then gets
   * what comes next and nothing older. Gives up after a while: refusalNow() then says so.
   */
  async function level(ready: readonly Ready[]): Promise<void> {
    const deadline = deps.clock.monotonicMs() + limits.logReadTimeoutMs;
    for (;;) {
      // What was dropped meanwhile is not repaired by anybody, and refused below.
      const present = ready.filter(({ conversation }) => conversation.trust !== 'gone');
      const behind = present.filter((one) => !delivery.deliverAll(one.conversation));
      if (behind.length === 0 || deps.clock.monotonicMs() > deadline) return;
      await Promise.all(behind.map((one) => delivery.repaired(one.conversation)));
    }
  }

  /** Those without a backlog go live in the very turn of the reply; the others get theirs page by page. */
  function begin(
    session: Session,
    ready: readonly Ready[],
    wanted: ReadonlySet<ConversationId>,
  ): Promise<void>[] {
    const slow: Promise<void>[] = [];
    for (const one of ready) {
      const { conversation } = one;
      if (!wanted.has(conversation.ref.conversation)) continue;
      if (session.opened.has(conversation) || session.opening.has(conversation.ref.conversation)) continue;
      if (one.after === null || one.after === conversation.state.position) join(session, conversation);
      else slow.push(openOne(session, one));
    }
    return slow;
  }

  /** In the turn of the reply: what changed since it was prepared. */
  function refusalNow(session: Session, conversation: LoadedConversation): Problem | null {
    if (!mayRead(conversation.state, session.principal, session.env)) return new Problem('not_found');
    const isLevel = delivery.deliverAll(conversation) && conversation.trust !== 'gone';
    return isLevel ? null : new Problem('unavailable');
  }

  return {
    async open(session, requests, reply) {
      const pinned: Ready[] = [];
      const refused: Refused[] = [];
      // A close that comes while these are prepared wins: they are answered, and not followed.
      const wanted = new Set(requests.map((request) => request.conversation));
      session.preparing.add(wanted);
      try {
        for (let start = 0; start < requests.length; start += limits.conversationsLoadedAtOnce) {
          const some = requests.slice(start, start + limits.conversationsLoadedAtOnce);
          const prepared = await Promise.all(some.map((request) => prepareAndPin(deps, session, request)));
          for (const [index, one] of prepared.entries()) {
            if (!(one instanceof Problem)) pinned.push(one);
            else refused.push({ conversation: some[index]?.conversation ?? '', problem: one });
          }
        }
        await Promise.all(pinned.map((one) => ensureAudience(deps.drafts, one.conversation)));
        await level(pinned);
        if (session.isClosed) return;
        const ready = pinned.filter((one) => {
          const problem = refusalNow(session, one.conversation);
          if (problem !== null) refused.push({ conversation: one.conversation.ref.conversation, problem });
          return problem === null;
        });
        const room = Math.max(
          0,
          limits.openConversationsPerSocketMax - session.opened.size - session.opening.size,
        );
        for (const { conversation } of ready.splice(room))
          refused.push({
            conversation: conversation.ref.conversation,
            problem: overloaded('conversations_of_socket'),
          });
        reply(
          ready.map((one) => describe(one.conversation)),
          refused,
        );
        await Promise.all(begin(session, ready, wanted));
      } finally {
        session.preparing.delete(wanted);
        for (const { conversation } of pinned) {
          conversation.pins -= 1;
          releaseAudience(conversation);
        }
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
