/** New log entries of agents, told to every node as they are written: some are lost when there are too many. */
import type { TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { AgentLogEntry } from '../../../ports/agents/agent-records.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { NodeLink } from '../../../ports/node-link.ts';

const kind = 'agents.logged';

export interface LogNews {
  tell(tenant: TenantId, entries: readonly AgentLogEntry[]): void;
  /** The returned function ends it. */
  follow(tenant: TenantId, listener: (entry: AgentLogEntry) => void): () => void;
}

export function openLogNews(
  link: Pick<NodeLink, 'tell' | 'onTell'>,
  clock: Pick<Clock, 'monotonicMs'>,
): LogNews {
  const listeners = new Map<TenantId, Set<(entry: AgentLogEntry) => void>>();
  let windowMs = 0;
  let told = 0;

  link.onTell(kind, (body) => {
    const { tenant, entries } = body as { tenant: TenantId; entries: readonly AgentLogEntry[] };
    const heeding = listeners.get(tenant);
    if (heeding === undefined) return;
    for (const entry of entries) for (const listener of heeding) listener(entry);
  });

  return {
    tell(tenant, entries) {
      if (entries.length === 0) return;
      const now = clock.monotonicMs();
      if (now - windowMs >= 1_000) {
        windowMs = now;
        told = 0;
      }
      told += entries.length;
      if (told > limits.agentLogsToldPerSecondMax) return;
      link.tell(kind, { tenant, entries });
    },

    follow(tenant, listener) {
      const heeding = listeners.get(tenant) ?? new Set();
      listeners.set(tenant, heeding.add(listener));
      return () => {
        heeding.delete(listener);
        if (heeding.size === 0 && listeners.get(tenant) === heeding) listeners.delete(tenant);
      };
    },
  };
}
