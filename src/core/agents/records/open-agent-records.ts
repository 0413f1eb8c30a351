/** Records of agents for dialects: who may, and what is told live. */
import type { PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { isManager, type Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AgentRecordStore, AgentRecords, MemoryChanges } from '../../../ports/agents/agent-records.ts';
import type { IdSource } from '../../../ports/id-source.ts';
import type { LogNews } from './log-news.ts';

export interface AgentRecordsDeps {
  readonly store: AgentRecordStore;
  readonly news: Pick<LogNews, 'follow'>;
  readonly ids: Pick<IdSource, 'ofText'>;
}

export function openAgentRecords({ store, news, ids }: AgentRecordsDeps): AgentRecords {
  return {
    runs: async (by, query) => refuse(by, query.agent) ?? (await store.runs(by.tenant, query)),
    async run(by, agent, id) {
      return refuse(by, agent) ?? found(await store.run(by.tenant, agent, id));
    },
    logs: async (by, query) => refuse(by, query.agent) ?? (await store.logs(by.tenant, query)),
    tenantLogs: async (by, query) => refuse(by, null) ?? (await store.tenantLogs(by.tenant, query)),
    deleteLog: async (by, agent, id) => refuse(by, agent) ?? (await store.deleteLog(by.tenant, agent, id)),
    clearLogs: async (by) => refuse(by, null) ?? (await all(() => store.clearLogs(by.tenant))),
    memories: async (by, query) => refuse(by, query.agent) ?? (await store.memories(by.tenant, query)),
    async memory(by, agent, id) {
      return refuse(by, agent) ?? found(await store.memory(by.tenant, agent, id));
    },
    async changeMemory(by, agent, id, changes) {
      const refused = refuse(by, agent) ?? refuseSize(changes);
      if (refused !== null) return refused;
      return found(await store.changeMemory(by.tenant, agent, id, changes));
    },
    deleteMemory: async (by, agent, id) =>
      refuse(by, agent) ?? (await store.deleteMemory(by.tenant, agent, id)),
    deleteMemories: async (by, agent, room) =>
      refuse(by, agent) ?? (await all(() => store.deleteMemories(by.tenant, agent, room))),
    roomOf: (conversation, agent) => roomOf(ids, conversation, agent),
    onLogEntry(by, listener) {
      return refuse(by, null) ?? { stop: news.follow(by.tenant, listener) };
    },
  };
}

/** Of itself, where both are the same. */
export function roomOf(ids: Pick<IdSource, 'ofText'>, conversation: string, agent: PrincipalId): string {
  return conversation === agent ? agent : ids.ofText(`${conversation}:${agent}`);
}

function refuse(by: Principal, agent: PrincipalId | null): Problem | null {
  if (isManager(by)) return null;
  if (by.kind === 'agent' && by.id === agent) return null;
  return new Problem(
    'forbidden',
    'Only owners, admins and services of the tenant, and the agent itself, do this.',
  );
}

function found<T>(one: T | null | Problem): T | Problem {
  return one ?? new Problem('not_found');
}

/** In pieces, so that no statement takes long. */
async function all(some: () => Promise<number | Problem>): Promise<number | Problem> {
  let count = 0;
  for (let round = 0; round < limits.agentRecordRoundsMax; round += 1) {
    const gone = await some();
    if (gone instanceof Problem) return gone;
    count += gone;
    if (gone < limits.agentRecordsDeletedAtOnce) break;
  }
  return count;
}

function refuseSize({ content, metadata }: MemoryChanges): Problem | null {
  const bytes = new TextEncoder().encode(JSON.stringify([content ?? {}, metadata ?? {}])).length;
  return bytes > limits.memoryBytesMax
    ? new Problem('too_large', `A memory has at most ${limits.memoryBytesMax} bytes.`)
    : null;
}
