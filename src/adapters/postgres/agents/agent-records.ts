/** The port AgentRecordStore. */
import type { AgentRecordStore } from '../../../ports/agents/agent-records.ts';
import type { IdentityPools } from '../identity/identity-store.ts';
import { addTurn } from './add-turn.ts';
import { forgetAgent } from './forget-agent.ts';
import { clearLogs, deleteLog, readLogs, readTenantLogs } from './logs.ts';
import { changeMemory, deleteMemories, deleteMemory, readMemories, readMemory } from './memories.ts';
import { readRun, readRuns } from './runs.ts';
import { sweepRecords } from './sweep-records.ts';

/** `identity`: what is old, of all tenants. */
export function openAgentRecordStore({ requests, identity }: IdentityPools): AgentRecordStore {
  return {
    add: (records) => requests.answering(records.run.tenant, (sql) => addTurn(sql, records)),
    runs: (tenant, query) => requests.answering(tenant, (sql) => readRuns(sql, tenant, query)),
    run: (tenant, agent, id) => requests.answering(tenant, (sql) => readRun(sql, tenant, agent, id)),
    logs: (tenant, query) => requests.answering(tenant, (sql) => readLogs(sql, tenant, query)),
    tenantLogs: (tenant, query) => requests.answering(tenant, (sql) => readTenantLogs(sql, tenant, query)),
    deleteLog: (tenant, agent, id) => requests.answering(tenant, (sql) => deleteLog(sql, tenant, agent, id)),
    clearLogs: (tenant) => requests.answering(tenant, (sql) => clearLogs(sql, tenant)),
    memories: (tenant, query) => requests.answering(tenant, (sql) => readMemories(sql, tenant, query)),
    memory: (tenant, agent, id) => requests.answering(tenant, (sql) => readMemory(sql, tenant, agent, id)),
    changeMemory: (tenant, agent, id, changes) =>
      requests.answering(tenant, (sql) => changeMemory(sql, { tenant, agent, id }, changes)),
    deleteMemory: (tenant, agent, id) =>
      requests.answering(tenant, (sql) => deleteMemory(sql, tenant, agent, id)),
    deleteMemories: (tenant, agent, room) =>
      requests.answering(tenant, (sql) => deleteMemories(sql, tenant, agent, room)),
    forgetAgent: (tenant, agent) => requests.answering(tenant, (sql) => forgetAgent(sql, tenant, agent)),
    sweep: (ages) => identity.answering((sql) => sweepRecords(sql, ages)),
  };
}
