/**
 * The seam between history and live. A reader that opens with a cursor gets the backlog in pages;
 * when the rest of it is in memory, the remaining events are sent and the socket joins the topic in
 * ONE synchronous turn: nothing can come between, so there is no gap, no duplicate and no lock.
 */
import type { LogEntry } from '../../domain/event.ts';
import type { ConversationId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { mayRead } from '../../domain/permissions.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { HeadCheck } from '../conversations/head-check.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import type { Replay } from '../conversations/replay.ts';
import { Audience, audienceOf } from './audience.ts';
import type { Delivery } from './delivery.ts';
import type { DraftReader } from './draft-reader.ts';
import type { Opened, OpenRequest, Refused } from './live-bus.ts';
import type { Session } from './session.ts';

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

interface Ready {
  readonly conversation: LoadedConversation;
  readonly after: number | null;
}

const loadsAtOnce = 32;

export function openOpening(deps: Deps): Opening {
  const { log, cache, delivery } = deps;

  async function prepare(session: Session, request: OpenRequest): Promise<Ready | Problem> {
    const { principal } = session;
    const conversation = await cache.get(principal.tenant, request.conversation);
    if (conversation === null) return new Problem('not_found');
    if (conversation instanceof Problem) return conversation;
    if (!mayRead(conversation.state, principal, null)) {
      const answer = await deps.headCheck.confirm(conversation);
      if (answer instanceof Problem) return answer;
      if (!mayRead(conversation.state, principal, null)) return new Problem('not_found');
    }
    if (request.after === null) return { conversation, after: null };
    const { epoch, position } = request.after;
    if (epoch !== null && epoch !== log.epoch(request.conversation)) return new Problem('cursor_expired');
    if (position > conversation.state.position) {
      // Acknowledged by another node a moment ago, or of a log that is no more: the leader knows.
      const answer = await deps.headCheck.confirm(conversation);
      if (answer instanceof Problem) return answer;
      if (position > conversation.state.position) return new Problem('cursor_expired');
    }
    return { conversation, after: position };
  }

  /** Makes the audience of a conversation's first reader, and waits until its drafts are loaded. */
  async function ensureAudience(conversation: LoadedConversation): Promise<void> {
    for (;;) {
      const audience = audienceOf(conversation) ?? beginAudience(conversation);
      await audience.draftsLoaded;
      if (audienceOf(conversation) === audience) return;
    }
  }

  function beginAudience(conversation: LoadedConversation): Audience {
    // What was committed before anybody listened is waited for by nobody.
    conversation.delivered = conversation.state.position;
    const audience = new Audience(`${conversation.ref.tenant}/${conversation.ref.conversation}`);
    conversation.followers = audience;
    deps.drafts.begin(conversation, audience);
    return audience;
  }

  function describe(conversation: LoadedConversation): Opened {
    const { ref, state } = conversation;
    const audience = audienceOf(conversation);
    return { ref, epoch: log.epoch(ref.conversation), state, drafts: [...(audience?.drafts.values() ?? [])] };
  }

  function join(session: Session, conversation: LoadedConversation): void {
    const audience = audienceOf(conversation);
    if (session.isClosed || audience === null) return;
    audience.add(session);
    session.opened.add(conversation);
  }

  /** Sends entries to one socket; false when it does not keep up. */
  function sendAll(session: Session, entries: readonly LogEntry[]): boolean {
    for (const entry of entries) {
      const frame = session.wording.event(entry, null);
      if (frame !== null && !session.outbox.send(frame)) return false;
    }
    return true;
  }

  async function drained(session: Session): Promise<boolean> {
    const deadline = deps.clock.monotonicMs() + limits.backlogStallMs;
    while (session.outbox.isOpen && session.outbox.bufferedBytes > limits.backlogPageBytesMax) {
      if (deps.clock.monotonicMs() > deadline) return false;
      await new Promise<void>((resolve) => void deps.clock.after(10, resolve));
    }
    return session.outbox.isOpen;
  }

  /** Sends the backlog and joins; the conversation is pinned meanwhile. */
  async function catchUpAndJoin(session: Session, { conversation, after }: Ready): Promise<void> {
    for (let position = after ?? 0; !session.isClosed; ) {
      delivery.deliverAll(conversation);
      const rest = conversation.tail.filter((entry) => entry.event.position > position);
      if (conversation.state.position === position || isSeamless(conversation, position, rest)) {
        if (!sendAll(session, rest)) return session.outbox.close('slow_consumer');
        return join(session, conversation);
      }
      const page = await deps.replay.after(conversation, position);
      if (page instanceof Problem || page.length === 0) return session.outbox.close('restarting', 1000);
      if (!sendAll(session, page)) return session.outbox.close('slow_consumer');
      position = page.at(-1)?.event.position ?? position;
      if (!(await drained(session))) return session.outbox.close('slow_consumer');
    }
  }

  async function openOne(session: Session, ready: Ready): Promise<void> {
    const { conversation } = ready;
    const id = conversation.ref.conversation;
    if (session.opened.has(conversation) || session.opening.has(id)) return;
    session.opening.add(id);
    conversation.pins += 1;
    try {
      await catchUpAndJoin(session, ready);
    } finally {
      conversation.pins -= 1;
      session.opening.delete(id);
      release(conversation);
    }
  }

  /** An audience that nobody joined in the end is taken down again. */
  function release(conversation: LoadedConversation): void {
    const audience = audienceOf(conversation);
    if (audience === null || conversation.pins > 0 || !audience.isEmpty) return;
    audience.stopPulses();
    conversation.followers = null;
  }

  /** Those without a backlog go live in the very turn of the reply; the others get theirs page by page. */
  function begin(session: Session, ready: readonly Ready[]): Promise<void>[] {
    const slow: Promise<void>[] = [];
    for (const one of ready) {
      const { conversation } = one;
      if (session.opened.has(conversation) || session.opening.has(conversation.ref.conversation)) continue;
      if (one.after === null || one.after === conversation.state.position) join(session, conversation);
      else slow.push(openOne(session, one));
    }
    return slow;
  }

  return {
    async open(session, requests, reply) {
      const ready: Ready[] = [];
      const refused: Refused[] = [];
      for (let start = 0; start < requests.length; start += loadsAtOnce) {
        const some = requests.slice(start, start + loadsAtOnce);
        const prepared = await Promise.all(some.map((request) => prepare(session, request)));
        for (const [index, one] of prepared.entries()) {
          if (one instanceof Problem)
            refused.push({ conversation: some[index]?.conversation ?? '', problem: one });
          else if (session.opened.size + ready.length >= limits.openConversationsPerSocketMax) {
            refused.push({
              conversation: one.conversation.ref.conversation,
              problem: new Problem('overloaded'),
            });
          } else {
            one.conversation.pins += 1;
            ready.push(one);
          }
        }
      }
      await Promise.all(ready.map((one) => ensureAudience(one.conversation)));
      try {
        if (session.isClosed) return;
        for (const { conversation } of ready) delivery.deliverAll(conversation);
        reply(
          ready.map((one) => describe(one.conversation)),
          refused,
        );
        await Promise.all(begin(session, ready));
      } finally {
        for (const { conversation } of ready) {
          conversation.pins -= 1;
          release(conversation);
        }
      }
    },

    close(session, conversation) {
      for (const one of session.opened)
        if (one.ref.conversation === conversation) delivery.leave(one, session);
    },

    end(session) {
      session.isClosed = true;
      for (const one of [...session.opened]) delivery.leave(one, session);
    },
  };
}

/** True when the tail holds every event after `position`: no erased one is missing from it. */
function isSeamless(conversation: LoadedConversation, position: number, rest: readonly LogEntry[]): boolean {
  if (!conversation.tailCovers(position)) return false;
  return rest.length === conversation.state.position - position;
}
