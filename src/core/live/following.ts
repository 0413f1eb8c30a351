/** `follow: all`: every conversation a principal is in, now and whenever it is added to one. */
import type { ConversationId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { isOfService } from '../../domain/permissions.ts';
import { Problem } from '../../domain/problem.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { Inboxes } from './inboxes.ts';
import type { Cursor, Opened, Refused } from './live-bus.ts';
import type { Opening } from './opening/opening.ts';
import type { Session } from './session.ts';

export interface Following {
  /**
   * Opens everything the session's principal is in; cursors given are resumed, the rest is live only.
   * `reply` gets what could not be resumed: once, before any event, in the turn in which those without a
   * backlog begin to be live. Nothing that happens from then on is missed. It is not called with a problem, nor
   * when the socket has ended.
   */
  followAll(
    session: Session,
    cursors: ReadonlyMap<ConversationId, Cursor>,
    reply: (refused: readonly Refused[]) => void,
  ): Promise<Problem | null>;
}

/** Body of an `added` note: the conversation and the position of the event that added the principal. */
export interface AddedNote {
  readonly conversation: ConversationId;
  readonly position: number;
}

/** What a session hears of additions. */
interface Heard {
  /** Positions of the newest notes that it was opened for, by conversation. */
  readonly told: Map<ConversationId, number>;
  /** Notes that came while the list was read, which is replied first; null: they are opened as they come. */
  held: AddedNote[] | null;
}

export function openFollowing(inboxes: Inboxes, reader: ProjectionReader, opening: Opening): Following {
  const heardBy = new WeakMap<Session, Heard>();

  function listen(session: Session): Heard {
    const known = heardBy.get(session);
    if (known !== undefined) return known;
    const heard: Heard = { told: new Map(), held: [] };
    heardBy.set(session, heard);
    inboxes.listen(session, ({ kind, conversation, position }) => {
      if (kind !== 'added') return;
      const note = { conversation, position };
      // Beyond the bound its events may come before the reply, which is better than never.
      const isHeld = heard.held !== null && heard.held.length < limits.addedNotesRememberedMax;
      if (isHeld) heard.held?.push(note);
      else openAdded(session, heard, note);
    });
    return heard;
  }

  function openHeld(session: Session, heard: Heard): void {
    const held = heard.held ?? [];
    heard.held = null;
    for (const note of held) openAdded(session, heard, note);
  }

  /** Once for each addition: its note comes twice, and the reader may have closed the conversation in between. */
  function openAdded(session: Session, { told }: Heard, { conversation, position }: AddedNote): void {
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

  async function openList(
    session: Session,
    cursors: ReadonlyMap<ConversationId, Cursor>,
    reply: (refused: readonly Refused[]) => void,
  ): Promise<Problem | null> {
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
      reply(refused.filter(isNews));
      sendDrafts(session, opened);
    });
    return null;
  }

  return {
    async followAll(session, cursors, reply) {
      if (session.isClosed) return null;
      // First listen, then read the list: whoever is added in between is in one of them, or in both.
      const heard = listen(session);
      try {
        return await openList(session, cursors, (refused) => {
          reply(refused);
          openHeld(session, heard);
        });
      } finally {
        openHeld(session, heard);
      }
    },
  };
}

/** Nobody asked for these conversations one by one, so the text so far of their drafts comes as a delta. */
function sendDrafts(session: Session, opened: readonly Opened[]): void {
  for (const view of opened) {
    for (const { messageId, run, from, index, text, author } of view.drafts) {
      const { conversation } = view.ref;
      const delta = { conversation, message_id: messageId, run, from, index, text };
      const frame = session.wording.delta(delta, author, view);
      if (frame !== null) session.outbox.send(frame);
    }
  }
}
