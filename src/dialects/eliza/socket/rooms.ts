/**
 * What one socket has joined: ids of channels or of sessions, whether they are there or not. A channel is followed from
 * the moment on in which its socket may read it; until then nothing tells whether there is one.
 *
 *   joined --it is there, the caller may read it--> followed --taken out of it--> joined
 *   joined --there is none--> awaited --its first event--> followed
 */
import type { LiveSession, Opened } from '../../../core/bus.ts';
import { type ConversationId, canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ElizaDeps } from '../deps.ts';
import { chunkOf } from './eliza-wording.ts';

interface Room {
  readonly conversation: ConversationId;
  /** The agent that the client named when it joined. */
  readonly agent: PrincipalId | null;
}

export class Rooms {
  readonly #deps: Pick<ElizaDeps, 'bus' | 'live' | 'sessions'>;
  readonly #session: () => LiveSession;
  /** The words in a conversation that is followed already may be others now. */
  readonly #reword: (conversation: ConversationId) => void;
  /** Told of each conversation that is followed from now on. */
  readonly #onOpened: (participants: readonly PrincipalId[]) => Promise<void>;
  /** By the id that was joined; at most limits.openConversationsPerSocketMax. */
  readonly #joined = new Map<string, Room>();
  /** Conversations of sessions that were joined, and by which ids. */
  readonly #sessions = new Map<ConversationId, Set<string>>();
  /** What ends the waiting for channels that are not there; at most limits.roomsAwaitedPerSocketMax. */
  readonly #awaited = new Map<ConversationId, () => void>();
  #isHeeding = false;
  #isOver = false;

  constructor(
    deps: Pick<ElizaDeps, 'bus' | 'live' | 'sessions'>,
    session: () => LiveSession,
    reword: (conversation: ConversationId) => void,
    onOpened: (participants: readonly PrincipalId[]) => Promise<void>,
  ) {
    this.#deps = deps;
    this.#session = session;
    this.#reword = reword;
    this.#onOpened = onOpened;
  }

  /** Whether notices of sessions are meant for this socket in a conversation. */
  hearsOfSessions(conversation: ConversationId): boolean {
    return this.#sessions.has(conversation);
  }

  /** The channel that an id means: that of a session that was joined, else the one of this id. */
  channelOf(id: string): ConversationId {
    return this.#joined.get(id)?.conversation ?? id;
  }

  /** The agent that the client named when it joined. */
  agentIn(channel: ConversationId): PrincipalId | null {
    return this.#joined.get(channel)?.agent ?? null;
  }

  /** When this answers null, nothing that comes from now on is missed. What is no id is joined like what is not there. */
  async join(named: string, agent: PrincipalId | null): Promise<Problem | null> {
    const id = canonicalUuid(named);
    // A join may have waited for its turn until the client was gone.
    if (id === null || this.#isOver) return null;
    if (!this.#makeRoom(id))
      return overloaded('channels_of_socket', 'This socket has joined too many channels.');
    this.#heed();
    const room = { conversation: id, agent };
    this.#joined.set(id, room);
    const refused = await this.#open(id, null);
    if (refused === null || refused.code !== 'not_found') return refused;
    const conversation = await this.#deps.sessions.conversationOf(this.#session().principal, id);
    if (conversation instanceof Problem) return conversation;
    if (this.#joined.get(id) !== room) return null;
    if (conversation === null) return await this.#await(id);
    this.#joined.set(id, { conversation, agent });
    const ids = this.#sessions.get(conversation) ?? new Set();
    this.#sessions.set(conversation, ids.add(id));
    if (!this.#deps.live.follows(this.#session(), conversation)) return await this.#open(conversation, null);
    this.#reword(conversation);
    return null;
  }

  leave(named: string): void {
    const id = canonicalUuid(named) ?? named;
    const room = this.#joined.get(id);
    if (room === undefined) return;
    const { conversation } = room;
    this.#joined.delete(id);
    this.#stopAwaiting(id);
    const ids = this.#sessions.get(conversation);
    if (ids?.delete(id) === true && ids.size === 0) this.#sessions.delete(conversation);
    if (!this.#isWanted(conversation)) this.#deps.live.close(this.#session(), conversation);
    else if (ids !== undefined) this.#reword(conversation);
  }

  /** Follows a channel that was joined before it was there; false: it was not joined, or may not be followed. */
  async catchUp(conversation: ConversationId): Promise<boolean> {
    if (this.#deps.live.follows(this.#session(), conversation)) return true;
    if (!this.#isWanted(conversation)) return false;
    return (await this.#open(conversation, this.#awaited.has(conversation) ? 0 : null)) === null;
  }

  end(): void {
    this.#isOver = true;
    for (const stop of this.#awaited.values()) stop();
    this.#awaited.clear();
    this.#joined.clear();
    this.#sessions.clear();
  }

  #isWanted(conversation: ConversationId): boolean {
    return this.#joined.has(conversation) || this.#sessions.has(conversation);
  }

  /** What was joined and is not followed (it was deleted, or never there) makes room for what is joined now. */
  #makeRoom(id: string): boolean {
    if (this.#joined.has(id) || this.#joined.size < limits.openConversationsPerSocketMax) return true;
    for (const [other, { conversation }] of this.#joined) {
      if (this.#deps.live.follows(this.#session(), conversation)) continue;
      this.leave(other);
      return true;
    }
    return false;
  }

  /** Who is taken into a channel that it has joined follows it. */
  #heed(): void {
    if (this.#isHeeding) return;
    this.#isHeeding = true;
    this.#deps.live.heed(this.#session(), ({ kind, conversation, position }) => {
      if (kind === 'added' && this.#isWanted(conversation)) void this.#open(conversation, position - 1);
    });
  }

  /** First listen, then look again: whatever was said in between is in one of them, or in both. */
  async #await(id: ConversationId): Promise<Problem | null> {
    const status = await this.#deps.bus.statusOf(this.#session().principal.tenant, id);
    if (status instanceof Problem) return status;
    // It is there, and not for the caller: who is taken into it is told.
    if (status !== 'none' || this.#awaited.has(id) || !this.#joined.has(id)) return null;
    if (this.#awaited.size >= limits.roomsAwaitedPerSocketMax) {
      return overloaded('channels_of_socket', 'This socket waits for too many channels.');
    }
    const begun = (): void => void this.#open(id, 0);
    this.#awaited.set(id, this.#deps.live.awaitBeginning(this.#session(), id, begun));
    const refused = await this.#open(id, 0);
    return refused?.code === 'not_found' ? null : refused;
  }

  /** Null: it is followed, or was left meanwhile. */
  async #open(conversation: ConversationId, after: number | null): Promise<Problem | null> {
    const { live } = this.#deps;
    const session = this.#session();
    let refusal: Problem | null = new Problem('unavailable');
    let participants: readonly PrincipalId[] = [];
    const cursor = after === null ? null : { epoch: null, position: after };
    await live.open(session, [{ conversation, after: cursor }], (opened, refused) => {
      refusal = refused[0]?.problem ?? null;
      for (const { state, drafts } of opened) {
        participants = [...state.participants.keys()];
        for (const draft of drafts) session.outbox.send(soFarOf(conversation, draft));
      }
    });
    if (refusal !== null) return refusal;
    this.#stopAwaiting(conversation);
    await this.#onOpened(participants);
    return null;
  }

  #stopAwaiting(conversation: ConversationId): void {
    this.#awaited.get(conversation)?.();
    this.#awaited.delete(conversation);
  }
}

/** The text so far of what is being streamed, as a first piece. */
function soFarOf(conversation: ConversationId, draft: Opened['drafts'][number]): string {
  const { messageId: message_id, run, from, index, text, author } = draft;
  return chunkOf({ conversation, message_id, run, from, index, text }, author);
}
