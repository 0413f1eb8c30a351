/**
 * Presence: who said that it is online, told to those who share a conversation with it. `offline`
 * comes 10 s after the last socket of the deployment closes: the node of the last local socket asks
 * the others whether they have one.
 */
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
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

const verb = 'presence';

export function openPresence(
  live: LiveFeed,
  link: NodeLink,
  reader: ProjectionReader,
  clock: Clock,
): Presence {
  /** Principal -> sockets on this node, and whether it ever announced itself. */
  const here = new Map<string, { sockets: number; announced: boolean; cancelOffline: () => void }>();
  const keyOf = (tenant: string, id: string): string => `${tenant}/${id}`;

  link.onAsk(verb, (body) => Promise.resolve((here.get(String(body))?.sockets ?? 0) > 0));

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

  async function goOffline(key: string, principal: Principal): Promise<void> {
    const entry = here.get(key);
    if (entry === undefined || entry.sockets > 0) return;
    here.delete(key);
    if (!entry.announced) return;
    if (await link.askAny(verb, key, 500)) return;
    await publish(principal, 'offline', null);
  }

  return {
    connected(principal) {
      const key = keyOf(principal.tenant, principal.id);
      const entry = here.get(key) ?? { sockets: 0, announced: false, cancelOffline: () => undefined };
      entry.cancelOffline();
      entry.sockets += 1;
      here.set(key, entry);
    },
    disconnected(principal) {
      const key = keyOf(principal.tenant, principal.id);
      const entry = here.get(key);
      if (entry === undefined) return;
      entry.sockets -= 1;
      if (entry.sockets > 0) return;
      if (!entry.announced) here.delete(key);
      else entry.cancelOffline = clock.after(limits.presenceOfflineMs, () => void goOffline(key, principal));
    },
    async announce(principal, status, detail) {
      const entry = here.get(keyOf(principal.tenant, principal.id));
      if (entry !== undefined) entry.announced = true;
      return await publish(principal, status, detail);
    },
    isHere: (tenant, id) => (here.get(keyOf(tenant, id))?.sockets ?? 0) > 0,
  };
}
