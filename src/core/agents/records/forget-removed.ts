/** A deleted agent takes along what it did; of what cannot be deleted now the sweep finds the rest when it is old. */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AgentRecordStore } from '../../../ports/agents/agent-records.ts';
import type { Agents } from '../../../ports/agents/agents.ts';
import type { Logger } from '../../../ports/logger.ts';

interface Deps {
  readonly agents: Pick<Agents, 'onRemoved'>;
  readonly store: Pick<AgentRecordStore, 'forgetAgent'>;
  readonly logger: Logger;
}

/** The returned function ends it, and answers when what is under way is done. */
export function forgetRemovedAgents({ agents, store, logger }: Deps): () => Promise<void> {
  const underWay = new Set<Promise<void>>();
  let isOpen = true;

  async function forget(tenant: TenantId, agent: PrincipalId): Promise<void> {
    for (let round = 0; round < limits.agentRecordRoundsMax && isOpen; round += 1) {
      const gone = await store.forgetAgent(tenant, agent);
      if (gone === 0) return;
      if (!(gone instanceof Problem)) continue;
      logger.warn({ tenant, agent, code: gone.code }, 'What a deleted agent did is not all deleted');
      return;
    }
  }

  const stop = agents.onRemoved((tenant, agent) => {
    const one = forget(tenant, agent).finally(() => underWay.delete(one));
    underWay.add(one);
  });

  return async () => {
    isOpen = false;
    stop();
    await Promise.all(underWay);
  };
}
