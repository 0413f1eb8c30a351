/**
 * Presence: who said that it is online, told to those who share a conversation with it. `offline` comes
 * once, 10 s after its last socket of the deployment was lost, from the node that had that socket; at once
 * where that socket's client said goodbye and no other was lost within the 10 s.
 *
 *   open -> closed (0-10 s) -> asking the others -> told (kept a while longer) | gone
 *
 * An announcement is told to all nodes, and the question carries it once more: so whoever closes last
 * knows of it, wherever it was made. Who closed last is decided by the time of closing, then by the node's
 * name, which gives both sides of a question the same answer.
 */
import type { ConversationRef } from '../../../domain/event.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import type { Problem } from '../../../domain/problem.ts';
import type { Micros } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { NodeLink } from '../../../ports/node-link.ts';
import type { ProjectionReader } from '../../../ports/projection/projection-reader.ts';
import type { PresenceNews } from '../live-bus.ts';
import type { PresenceNewsFeed } from './presence-news.ts';
import { PresenceTeller } from './presence-teller.ts';

export interface Presence {
  connected(principal: Principal): void;
  disconnected(principal: Principal, saidGoodbye: boolean): void;
  /** Tells it in all conversations of the principal. */
  announce(principal: Principal, news: PresenceNews): Promise<Problem | null>;
  /** Tells in these conversations that it is connected; `echo`: to itself, too. */
  arrive(principal: Principal, refs: readonly ConversationRef[], echo: boolean): void;
  /** Sockets of a principal on this node. */
  isHere(tenant: string, id: string): boolean;
}

/** A principal that has sockets on this node, or had some until a moment ago. */
interface Present {
  readonly key: string;
  sockets: number;
  announced: boolean;
  /** When its last socket here closed; null while it has one. */
  closedAt: Micros | null;
  /** Until when one of its clients may come back that did not say goodbye. */
  awaitedUntilMs: number;
  phase: 'present' | 'asking' | 'told';
  cancelTimer: () => void;
}

/** What a node asks before it says `offline`: is it open, or was it closed later, at another? */
interface Question {
  readonly key: string;
  readonly closedAt: Micros;
  readonly node: string;
}

const verb = 'presence';
const announcedNote = 'presence.announced';
const keyOf = (tenant: string, id: string): string => `${tenant}/${id}`;

export function openPresence(
  feed: PresenceNewsFeed,
  link: NodeLink,
  reader: Pick<ProjectionReader, 'refsOf'>,
  clock: Clock,
): Presence {
  return new NodePresence(link, clock, new PresenceTeller({ feed, reader, clock, node: link.node }));
}

class NodePresence implements Presence {
  readonly #link: NodeLink;
  readonly #clock: Clock;
  readonly #teller: PresenceTeller;
  readonly #here = new Map<string, Present>();

  constructor(link: NodeLink, clock: Clock, teller: PresenceTeller) {
    this.#link = link;
    this.#clock = clock;
    this.#teller = teller;
    link.onTell(announcedNote, (body) => {
      const present = this.#here.get((body as { readonly key: string }).key);
      if (present !== undefined) present.announced = true;
    });
    link.onAsk(verb, (body) => Promise.resolve(this.#takesOver(body as Question)));
  }

  connected({ tenant, id }: Principal): void {
    const key = keyOf(tenant, id);
    const known = this.#here.get(key);
    known?.cancelTimer();
    if (known !== undefined && known.phase !== 'told') {
      known.sockets += 1;
      known.closedAt = null;
      known.phase = 'present';
      return;
    }
    const fresh = { key, sockets: 1, announced: false, closedAt: null, cancelTimer: () => undefined };
    this.#here.set(key, { ...fresh, awaitedUntilMs: 0, phase: 'present' });
  }

  disconnected(principal: Principal, saidGoodbye: boolean): void {
    const present = this.#here.get(keyOf(principal.tenant, principal.id));
    if (present === undefined || present.sockets === 0) return;
    present.sockets -= 1;
    const nowMs = this.#clock.monotonicMs();
    if (!saidGoodbye) present.awaitedUntilMs = nowMs + limits.presenceOfflineMs;
    if (present.sockets > 0) return;
    const closedAt = this.#clock.nowMicros();
    present.closedAt = closedAt;
    // One that announced nothing is kept as well, for it may have done so elsewhere; but not without end.
    if (!present.announced && this.#here.size > limits.presenceKeptMax) return this.#forget(present);
    present.cancelTimer = this.#clock.after(
      Math.max(0, present.awaitedUntilMs - nowMs),
      () => void this.#goOffline(present, principal, closedAt),
    );
  }

  async announce(principal: Principal, { status, detail, value }: PresenceNews): Promise<Problem | null> {
    this.#noteAnnounced(principal);
    const said = { status, ...(detail == null ? {} : { detail }) };
    return await this.#teller.tellEverywhere(principal, value === undefined ? said : { ...said, value });
  }

  arrive(principal: Principal, refs: readonly ConversationRef[], echo: boolean): void {
    this.#noteAnnounced(principal);
    const news = { status: 'online', cause: 'connected' };
    const some = refs.slice(0, limits.presenceConversationsMax);
    this.#teller.tell(principal, some, echo ? { ...news, echo: true } : news);
  }

  isHere(tenant: string, id: string): boolean {
    return (this.#here.get(keyOf(tenant, id))?.sockets ?? 0) > 0;
  }

  /** True when this node has said, or will say, `offline` in the asker's stead. */
  #takesOver({ key, closedAt, node }: Question): boolean {
    const present = this.#here.get(key);
    if (present === undefined) return false;
    if (present.closedAt !== null && !this.#isLater(present.closedAt, closedAt, node)) return false;
    present.announced = true;
    return true;
  }

  #isLater(own: Micros, other: Micros, node: string): boolean {
    return own === other ? this.#link.node > node : own > other;
  }

  /** Whoever said that it is here is missed when it is gone, whichever node it leaves last. */
  #noteAnnounced({ tenant, id }: Principal): void {
    const key = keyOf(tenant, id);
    const present = this.#here.get(key);
    if (present?.announced !== true) this.#link.tell(announcedNote, { key });
    if (present !== undefined) present.announced = true;
  }

  #forget(present: Present): void {
    present.cancelTimer();
    if (this.#here.get(present.key) === present) this.#here.delete(present.key);
  }

  async #goOffline(present: Present, principal: Principal, closedAt: Micros): Promise<void> {
    if (!present.announced) return this.#forget(present);
    present.phase = 'asking';
    const question: Question = { key: present.key, closedAt, node: this.#link.node };
    const isElsewhere = await this.#link.askAny(verb, question, limits.presenceAskMs);
    // It may have come back meanwhile, even twice.
    if (present.closedAt !== closedAt || this.#here.get(present.key) !== present) return;
    if (isElsewhere) return this.#forget(present);
    present.phase = 'told';
    // Others whose clocks differ a little may ask only now.
    if (this.#here.size > limits.presenceKeptMax) this.#forget(present);
    else present.cancelTimer = this.#clock.after(limits.presenceOfflineMs, () => this.#forget(present));
    const isGone = (): boolean => (this.#here.get(present.key)?.sockets ?? 0) === 0;
    await this.#teller.tellEverywhere(principal, { status: 'offline', cause: 'disconnected' }, isGone);
  }
}
