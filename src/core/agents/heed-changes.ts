/** An agent that was stopped, suspended or deleted falls silent on every node, in the middle of a sentence. */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Agents } from '../../ports/agents/agents.ts';
import type { Attention } from './attention.ts';
import { findRunningAgent, type RunningAgentDeps } from './running-agent.ts';

interface Deps extends RunningAgentDeps {
  readonly agents: Pick<Agents, 'characterOf' | 'onChanged'>;
}

export interface HeededChanges {
  /** The attention is halted once its agent does not run any more; the returned function ends that. */
  add(tenant: TenantId, agent: PrincipalId, attention: Attention): () => void;
  close(): void;
}

export function heedChanges(deps: Deps): HeededChanges {
  /** Bounded by the turns that are in the hands of the node. */
  const inHand = new Map<string, Set<Attention>>();

  async function look(tenant: TenantId, id: PrincipalId): Promise<void> {
    const found = await findRunningAgent(deps, tenant, id);
    if (found !== null) return;
    for (const attention of inHand.get(keyOf(tenant, id)) ?? []) attention.halt();
  }

  const close = deps.agents.onChanged((tenant, id) => {
    if (inHand.has(keyOf(tenant, id))) void look(tenant, id);
  });

  return {
    add(tenant, agent, attention) {
      const key = keyOf(tenant, agent);
      const all = inHand.get(key) ?? new Set();
      inHand.set(key, all.add(attention));
      return () => {
        all.delete(attention);
        if (all.size === 0 && inHand.get(key) === all) inHand.delete(key);
      };
    },
    close,
  };
}

function keyOf(tenant: TenantId, id: PrincipalId): string {
  return `${tenant} ${id}`;
}
