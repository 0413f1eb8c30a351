/** One client: it follows all conversations of its principal, and others know that it is there. */
import type { EventPeer, EventSession } from '../../../contract/sockets/event-socket.ts';
import type { Bus, LiveBus, LiveSession, Outcome } from '../../../core/bus.ts';
import type { Command } from '../../../domain/command.ts';
import { type ConversationId, canonicalUuid } from '../../../domain/ids.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ConversationState } from '../../../domain/state.ts';
import { type Reading, stateAsParticipant } from '../on-conversation.ts';
import { symbiaBroadcasts } from './symbia-broadcasts.ts';

/** What the events are answered with. */
export interface SocketDeps {
  readonly bus: Bus;
  readonly live: LiveBus;
}

export class SymbiaSession implements EventSession {
  readonly ready: Promise<Problem | null>;
  readonly bus: Bus;
  readonly live: LiveBus;
  readonly own: LiveSession;
  /** What it only watches; bounded by limits.openConversationsPerSocketMax, for each of them is open. */
  readonly watched = new Set<ConversationId>();
  readonly #peer: EventPeer;

  constructor({ bus, live }: SocketDeps, peer: EventPeer) {
    this.bus = bus;
    this.live = live;
    this.#peer = peer;
    this.own = live.begin(peer.principal, peer, symbiaBroadcasts, peer.context.env);
    this.ready = this.#follow();
  }

  /** As it is now: scopes may change while the socket is open. */
  get principal(): Principal {
    return this.own.principal;
  }

  end(saidGoodbye: boolean): void {
    this.live.end(this.own, saidGoodbye);
  }

  /** Where an argument points to; what is no id is as unknown as an id of nothing. */
  at(argument: unknown): Reading | Problem {
    const id = idOf(argument);
    return id instanceof Problem ? id : { id, caller: this.principal, env: this.#peer.context.env };
  }

  dispatch({ id, caller }: Reading, command: Command, trace: string | null): Promise<Outcome | Problem> {
    return this.bus.dispatch(caller, command, this.bus.context(id, { ...this.#peer.context, trace }));
  }

  /** Its state when the caller is a participant of it; asks the leader. */
  async stateAsParticipant(at: Reading): Promise<ConversationState | Problem> {
    const found = await stateAsParticipant(this, at);
    return found instanceof Problem ? found : found.state;
  }

  /** Follows a conversation; when this resolves to null, nothing that comes from now on is missed. */
  async open(conversation: ConversationId): Promise<Problem | null> {
    let answer: Problem | null = new Problem('unavailable');
    await this.live.open(this.own, [{ conversation, after: null }], (_opened, refused) => {
      answer = refused[0]?.problem ?? null;
    });
    return answer;
  }

  async #follow(): Promise<Problem | null> {
    let missed: Problem | null = null;
    const problem = await this.live.followAll(this.own, new Map(), (refused) => {
      missed = refused.find((one) => one.problem.code === 'unavailable')?.problem ?? null;
    });
    if (problem !== null || missed !== null) return problem ?? missed;
    return this.#peer.isOpen ? await this.live.arrive(this.own) : null;
  }
}

/** UUIDs compare without case. */
export function idOf(argument: unknown): string | Problem {
  const id = typeof argument === 'string' ? canonicalUuid(argument) : null;
  return id ?? new Problem('not_found');
}
