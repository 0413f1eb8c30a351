import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { CharacterFields } from '../../../../ports/agents/agents.ts';
import type { AuditEntry } from '../../../../ports/audit.ts';
import type { PrincipalRecord } from '../../../../ports/identity/identity-records.ts';
import type { AgentStore } from '../../../../ports/identity/identity-store.ts';
import { insertAudit } from '../../audit/insert-audit.ts';
import type { TenantPool, Transaction } from '../../pool.ts';
import { refusingDuplicates } from '../unique-refusals.ts';
import { changeAgent, listAgents, readAgent, readCharacter, writeCharacter } from './agent-characters.ts';
import { lockTenant } from './change-principal.ts';
import { insertPrincipal } from './insert-principal.ts';

export function openAgentStore(requests: TenantPool): AgentStore {
  return {
    add: (record, audit, character = null) =>
      requests.transacting(record.tenant, (tx) =>
        refusingDuplicates(addPrincipal(tx, record, audit, character)),
      ),
    agent: (tenant, id) => requests.answering(tenant, (sql) => readAgent(sql, tenant, id)),
    agents: (tenant, limit) => requests.answering(tenant, (sql) => listAgents(sql, tenant, limit)),
    character: (tenant, id) => requests.answering(tenant, (sql) => readCharacter(sql, tenant, id)),
    changeAgent: (tenant, id, now, decide, audit) =>
      requests.transacting(tenant, (tx) => changeAgent(tx, { tenant, id, now }, decide, audit)),
    removeAgent: (tenant, id, audit) =>
      requests.transacting(tenant, (tx) => removeAgent(tx, tenant, id, audit)),
  };
}

async function addPrincipal(
  tx: Transaction,
  record: PrincipalRecord,
  audit: AuditEntry,
  character: CharacterFields | null,
): Promise<Problem | null> {
  await lockTenant(tx, record.tenant);
  const [row] = await tx<{ there: number }[]>`
    select count(*) as there from principals where tenant_id = ${record.tenant} and kind = ${record.kind}`;
  if ((row?.there ?? 0) >= limits.agentsPerTenantMax) {
    return new Problem('conflict', `A tenant has ${limits.agentsPerTenantMax} of them at most.`, {
      reason: 'too_many',
    });
  }
  if (record.isDefaultAgent) {
    await tx`
      update principals set is_default_agent = false
      where tenant_id = ${record.tenant} and is_default_agent`;
  }
  await insertPrincipal(tx, record);
  if (character !== null) await writeCharacter(tx, record, character, record.createdAt);
  await insertAudit(tx, audit);
  return null;
}

/** The newest other agent becomes the default one, if this was it. */
async function removeAgent(
  tx: Transaction,
  tenant: string,
  id: string,
  audit: AuditEntry,
): Promise<Problem | null> {
  await lockTenant(tx, tenant);
  const [agent] = await tx<{ is_default_agent: boolean }[]>`
    select is_default_agent from principals where tenant_id = ${tenant} and id = ${id} and kind = 'agent'`;
  if (agent === undefined) return new Problem('not_found');
  const [other] = await tx<{ id: string }[]>`
    select id from principals where tenant_id = ${tenant} and kind = 'agent' and id <> ${id}
    order by created_us desc, id desc limit 1`;
  if (other === undefined) {
    return new Problem('conflict', 'A tenant keeps at least one agent.', { reason: 'last_agent' });
  }
  await tx`delete from principals where tenant_id = ${tenant} and id = ${id}`;
  await insertAudit(tx, audit);
  if (agent.is_default_agent) {
    await tx`update principals set is_default_agent = true where tenant_id = ${tenant} and id = ${other.id}`;
  }
  return null;
}
