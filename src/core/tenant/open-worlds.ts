/** Worlds of agents, with who may see and change them. */
import { limits } from '../../domain/limits.ts';
import { isManager } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { WorldStore, Worlds } from '../../ports/agents/worlds.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';

export interface WorldsDeps {
  readonly store: WorldStore;
  readonly clock: Pick<Clock, 'nowMicros'>;
  readonly ids: Pick<IdSource, 'next'>;
}

export function openWorlds({ store, clock, ids }: WorldsDeps): Worlds {
  return {
    list: (by, agent) => store.list(by.tenant, agent),

    async find(by, id) {
      return (await store.find(by.tenant, id)) ?? new Problem('not_found', 'World not found');
    },

    async create(by, { id = ids.next(), agent, name, server, metadata }) {
      if (!isManager(by)) return new Problem('forbidden');
      if (new TextEncoder().encode(JSON.stringify(metadata)).length > limits.metadataBytesMax) {
        return new Problem('too_large', `Metadata have ${limits.metadataBytesMax} bytes at most.`);
      }
      const createdAt = clock.nowMicros();
      return await store.add({ tenant: by.tenant, agent, id, name, server, metadata, createdAt });
    },

    async change(by, agent, id, changes) {
      if (!isManager(by)) return new Problem('forbidden');
      return (
        (await store.change(by.tenant, agent, id, changes)) ?? new Problem('not_found', 'World not found')
      );
    },
  };
}
