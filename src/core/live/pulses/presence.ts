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
import { Problem } from '../../../domain/problem.ts';
import type { Micros } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { NodeLink } from '../../../ports/node-link.ts';
import type { ProjectionReader } from '../../../ports/projection/projection-reader.ts';
import type { PresenceNews } from '../live-bus.ts';
import type { PresenceNewsFeed } from './presence-news.ts';

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

export function openPresence(
  feed: PresenceNewsFeed,
  link: NodeLink,
  reader: Pick<ProjectionReader, 'refsOf'>,
  clock: Clock,
): Presence {
  const here = new Map<string, Present>();
  /** The news of a principal that is being told; its next one waits for it. Bounded by the sockets' events in flight. */
  const telling = new Map<string, Promise<void>>();
  /** Names the news of this node; begins with the time, so that none of a former process comes again. */
  let newsNumber = clock.nowMicros();
  const keyOf = (tenant: string, id: string): string => `${tenant}/${id}`;

  link.onTell(announcedNote, (body) => {
    const present = here.get((body as { readonly key: string }).key);
    if (present !== undefined) present.announced = true;
  });
  link.onAsk(verb, (body) => Promise.resolve(takesOver(body as Question)));

  /** True when this node has said, or will say, `offline` in the asker's stead. */
  function takesOver({ key, closedAt, node }: Question): boolean {
    const present = here.get(key);
    if (present === undefined) return false;
    if (present.closedAt !== null && !isLater(present.closedAt, closedAt, node)) return false;
    present.announced = true;
    return true;
  }

  function isLater(own: Micros, other: Micros, node: string): boolean {
    return own === other ? link.node > node : own > other;
  }

  function tell(refs: readonly ConversationRef[], principal: Principal, news: object): void {
    newsNumber += 1;
    feed.tell(principal, refs, { ...news, news: `${link.node}/${newsNumber}` });
  }

  /** In the order of the calls, however long each read takes: the last news said is the last one heard. */
  async function publish(
    principal: Principal,
    news: object,
    isStillSo = () => true,
  ): Promise<Problem | null> {
    const key = keyOf(principal.tenant, principal.id);
    const reading = reader.refsOf(principal.tenant, principal.id, limits.presenceConversationsMax);
    const told = Promise.all([reading, telling.get(key)]).then(([refs]) => {
      if (refs instanceof Problem) return refs;
      if (isStillSo()) tell(refs, principal, news);
      return null;
    });
    const ended = told.then(
      () => undefined,
      () => undefined,
    );
    telling.set(key, ended);
    try {
      return await told;
    } finally {
      if (telling.get(key) === ended) telling.delete(key);
    }
  }

  /** Whoever said that it is here is missed when it is gone, whichever node it leaves last. */
  function noteAnnounced(principal: Principal): void {
    const key = keyOf(principal.tenant, principal.id);
    const present = here.get(key);
    if (present?.announced !== true) link.tell(announcedNote, { key });
    if (present !== undefined) present.announced = true;
  }

  function forget(present: Present): void {
    present.cancelTimer();
    if (here.get(present.key) === present) here.delete(present.key);
  }

  async function goOffline(present: Present, principal: Principal, closedAt: Micros): Promise<void> {
    if (!present.announced) return forget(present);
    present.phase = 'asking';
    const question: Question = { key: present.key, closedAt, node: link.node };
    const isElsewhere = await link.askAny(verb, question, limits.presenceAskMs);
    // It may have come back meanwhile, even twice.
    if (present.closedAt !== closedAt || here.get(present.key) !== present) return;
    if (isElsewhere) return forget(present);
    present.phase = 'told';
    // Others whose clocks differ a little may ask only now.
    if (here.size > limits.presenceKeptMax) forget(present);
    else present.cancelTimer = clock.after(limits.presenceOfflineMs, () => forget(present));
    const isGone = (): boolean => (here.get(present.key)?.sockets ?? 0) === 0;
    await publish(principal, { status: 'offline', cause: 'disconnected' }, isGone);
  }

  return {
    connected(principal) {
      const key = keyOf(principal.tenant, principal.id);
      const known = here.get(key);
      known?.cancelTimer();
      if (known !== undefined && known.phase !== 'told') {
        known.sockets += 1;
        known.closedAt = null;
        known.phase = 'present';
        return;
      }
      const fresh = { key, sockets: 1, announced: false, closedAt: null, cancelTimer: () => undefined };
      here.set(key, { ...fresh, awaitedUntilMs: 0, phase: 'present' });
    },
    disconnected(principal, saidGoodbye) {
      const present = here.get(keyOf(principal.tenant, principal.id));
      if (present === undefined || present.sockets === 0) return;
      present.sockets -= 1;
      const nowMs = clock.monotonicMs();
      if (!saidGoodbye) present.awaitedUntilMs = nowMs + limits.presenceOfflineMs;
      if (present.sockets > 0) return;
      const closedAt = clock.nowMicros();
      present.closedAt = closedAt;
      // One that announced nothing is kept as well, for it may have done so elsewhere; but not without end.
      if (!present.announced && here.size > limits.presenceKeptMax) return forget(present);
      present.cancelTimer = clock.after(
        Math.max(0, present.awaitedUntilMs - nowMs),
        () => void goOffline(present, principal, closedAt),
      );
    },
    async announce(principal, { status, detail, value }) {
      noteAnnounced(principal);
      const said = { status, ...(detail == null ? {} : { detail }) };
      return await publish(principal, value === undefined ? said : { ...said, value });
    },
    arrive(principal, refs, echo) {
      noteAnnounced(principal);
      const news = { status: 'online', cause: 'connected' };
      const some = refs.slice(0, limits.presenceConversationsMax);
      tell(some, principal, echo ? { ...news, echo: true } : news);
    },
    isHere: (tenant, id) => (here.get(keyOf(tenant, id))?.sockets ?? 0) > 0,
  };
}
