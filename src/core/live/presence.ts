/**
 * Presence: who said that it is online, told to those who share a conversation with it. `offline` comes
 * once, 10 s after its last socket of the deployment closed, from the node that had that socket.
 *
 *   open -> closed (10 s) -> asking the others -> told (kept a while longer) | gone
 *
 * An announcement is told to all nodes, and the question carries it once more: so whoever closes last
 * knows of it, wherever it was made. Who closed last is decided by the time of closing, then by the node's
 * name, which gives both sides of a question the same answer.
 */
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { ProjectionReader } from '../../ports/projection.ts';

export interface Presence {
  connected(principal: Principal): void;
  disconnected(principal: Principal): void;
  announce(principal: Principal, status: string, detail: string | null): Promise<Problem | null>;
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
  live: Pick<LiveFeed, 'publishPulse'>,
  link: NodeLink,
  reader: Pick<ProjectionReader, 'refsOf'>,
  clock: Clock,
): Presence {
  const here = new Map<string, Present>();
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

  async function publish(
    principal: Principal,
    status: string,
    detail: string | null,
  ): Promise<Problem | null> {
    const refs = await reader.refsOf(principal.tenant, principal.id, limits.presenceConversationsMax);
    if (refs instanceof Problem) return refs;
    for (const ref of refs) {
      const body = { kind: 'presence', conversation: ref.conversation, from: principal.id, status };
      live.publishPulse(ref, 'presence', detail === null ? body : { ...body, detail });
    }
    return null;
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
    await publish(principal, 'offline', null);
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
      here.set(key, { ...fresh, phase: 'present' });
    },
    disconnected(principal) {
      const present = here.get(keyOf(principal.tenant, principal.id));
      if (present === undefined || present.sockets === 0) return;
      present.sockets -= 1;
      if (present.sockets > 0) return;
      const closedAt = clock.nowMicros();
      present.closedAt = closedAt;
      // One that announced nothing is kept as well, for it may have done so elsewhere; but not without end.
      if (!present.announced && here.size > limits.presenceKeptMax) return forget(present);
      present.cancelTimer = clock.after(
        limits.presenceOfflineMs,
        () => void goOffline(present, principal, closedAt),
      );
    },
    async announce(principal, status, detail) {
      const key = keyOf(principal.tenant, principal.id);
      const present = here.get(key);
      if (present?.announced !== true) link.tell(announcedNote, { key });
      if (present !== undefined) present.announced = true;
      return await publish(principal, status, detail);
    },
    isHere: (tenant, id) => (here.get(keyOf(tenant, id))?.sockets ?? 0) > 0,
  };
}
