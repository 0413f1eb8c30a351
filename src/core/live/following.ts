/** `follow: all`: every conversation a principal is in, now and whenever it is added to one. */
import type { ConversationId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { isOfService } from '../../domain/permissions.ts';
import { Problem } from '../../domain/problem.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { ProjectionReader } from '../../ports/projection.ts';
import type { Cursor, Opened, Refused } from './live-bus.ts';
import type { Opening } from './opening.ts';
import type { Session } from './session.ts';

export interface Following {
  /**
   * Opens everything the session's principal is in; cursors given are resumed, the rest is live only.
   * `onRefused` gets what could not be resumed.
   */
  followAll(
    session: Session,
    cursors: ReadonlyMap<ConversationId, Cursor>,
    onRefused: (refused: readonly Refused[]) => void,
  ): Promise<Problem | null>;
  end(session: Session): void;
}

/** Body of an `added` note: the conversation and the position of the event that added the principal. */
export interface AddedNote {
  readonly conversation: ConversationId;
  readonly position: number;
}

/** Positions of the newest notes that a session was opened for, by conversation. */
type Told = Map<ConversationId, number>;

export function openFollowing(live: LiveFeed, reader: ProjectionReader, opening: Opening): Following {
  /** Principal -> its following sessions here and the one inbox subscription they share. */
  const inboxes = new Map<string, { readonly sessions: Map<Session, Told>; readonly stop: () => void }>();
  const keyOf = (session: Session): string => `${session.principal.tenant}/${session.principal.id}`;

  function listen(session: Session): void {
    const key = keyOf(session);
    const inbox = inboxes.get(key);
    if (inbox !== undefined) {
      if (!inbox.sessions.has(session)) inbox.sessions.set(session, new Map());
      return;
    }
    const sessions = new Map<Session, Told>([[session, new Map()]]);
    const stop = live.followInbox(session.principal.tenant, session.principal.id, (kind, body) => {
      if (kind !== 'added') return;
      for (const [one, told] of sessions) openAdded(one, told, body as AddedNote);
    });
    inboxes.set(key, { sessions, stop });
  }

  /** Once for each addition: its note comes twice, and the reader may have closed the conversation in between. */
  function openAdded(session: Session, told: Told, { conversation, position }: AddedNote): void {
    if ((told.get(conversation) ?? 0) >= position) return;
    told.delete(conversation);
    told.set(conversation, position);
    const oldest = told.size > limits.addedNotesRememberedMax ? told.keys().next().value : undefined;
    if (oldest !== undefined) told.delete(oldest);
    // From the event that added it on: nothing after that may be missed.
    const after = { epoch: null, position: position - 1 };
    void opening.open(session, [{ conversation, after }], (opened, refused) => {
      if (refused.length > 0) told.delete(conversation);
      sendDrafts(session, opened);
      startOver(session, refused);
    });
  }

  /** What cannot be opened now would be missed for as long as the socket lives. */
  function startOver(session: Session, refused: readonly Refused[]): void {
    if (refused.some(({ problem }) => problem.code === 'unavailable'))
      session.outbox.close('restarting', 1000);
  }

  return {
    async followAll(session, cursors, onRefused) {
      if (session.isClosed) return null;
      // First listen, then read the list: whoever is added in between is in one of them, or in both.
      listen(session);
      const { principal } = session;
      const refs = await reader.refsOf(principal.tenant, principal.id, limits.openConversationsPerSocketMax);
      if (refs instanceof Problem) return refs;
      // What a key bound to a service may not see must not be named either, not even as refused.
      const seen = refs.filter(({ service }) => isOfService(principal, service));
      const ids = new Set<ConversationId>([...cursors.keys(), ...seen.map((ref) => ref.conversation)]);
      const requests = [...ids].map((conversation) => ({
        conversation,
        after: cursors.get(conversation) ?? null,
      }));
      // Nobody asked for those of other environments, so nobody hears that they are not found.
      const isNews = ({ conversation, problem }: Refused): boolean =>
        session.env === null || cursors.has(conversation) || problem.code !== 'not_found';
      await opening.open(session, requests, (opened, refused) => {
        sendDrafts(session, opened);
        onRefused(refused.filter(isNews));
      });
      return null;
    },
    end(session) {
      const key = keyOf(session);
      const inbox = inboxes.get(key);
      if (inbox === undefined || !inbox.sessions.delete(session) || inbox.sessions.size > 0) return;
      inbox.stop();
      inboxes.delete(key);
    },
  };
}

/** Nobody asked for these conversations one by one, so the text so far of their drafts comes as a delta. */
function sendDrafts(session: Session, opened: readonly Opened[]): void {
  for (const { ref, drafts } of opened) {
    for (const { messageId, run, from, index, text } of drafts) {
      const { conversation } = ref;
      const frame = session.wording.delta({ conversation, message_id: messageId, run, from, index, text });
      if (frame !== null) session.outbox.send(frame);
    }
  }
}
