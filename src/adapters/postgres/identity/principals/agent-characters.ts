/** Agents with their characters. */
import { Problem } from '../../../../domain/problem.ts';
import type { CharacterFields } from '../../../../ports/agents/agents.ts';
import type { AuditEntry } from '../../../../ports/audit.ts';
import type { PrincipalRecord } from '../../../../ports/identity/identity-records.ts';
import type { AgentChanges, AgentRecord } from '../../../../ports/identity/identity-store.ts';
import { insertAudit } from '../../audit/insert-audit.ts';
import type { Sql, Transaction } from '../../pool.ts';
import { type PrincipalRow, principalColumns, toPrincipal, withCredential } from '../rows.ts';
import { lockTenant } from './change-principal.ts';

interface AgentRow extends PrincipalRow {
  readonly character: CharacterFields | null;
  readonly updated_us: number | null;
}

export async function readAgent(
  sql: Sql | Transaction,
  tenant: string,
  id: string,
): Promise<AgentRecord | null> {
  const [row] = await sql<AgentRow[]>`
    select ${principalColumns(sql)}, a.character, a.updated_us
    from principals p ${withCredential(sql)}
    left join agent_characters a on a.tenant_id = p.tenant_id and a.agent_id = p.id
    where p.tenant_id = ${tenant} and p.id = ${id} and p.kind = 'agent'`;
  if (row === undefined) return null;
  const { character, updated_us: updatedAt, created_us: createdAt } = row;
  return { principal: toPrincipal(row), character, updatedAt: updatedAt ?? createdAt };
}

export async function listAgents(
  sql: Sql,
  tenant: string,
  limit: number,
): Promise<readonly PrincipalRecord[]> {
  const rows = await sql<PrincipalRow[]>`
    select ${principalColumns(sql)} from principals p ${withCredential(sql)}
    where p.tenant_id = ${tenant} and p.kind = 'agent'
    order by (p.runs and p.status = 'active') desc, p.display_name, p.id limit ${limit}`;
  return rows.map(toPrincipal);
}

export async function readCharacter(sql: Sql, tenant: string, id: string): Promise<CharacterFields | null> {
  const [row] = await sql<{ character: CharacterFields }[]>`
    select character from agent_characters where tenant_id = ${tenant} and agent_id = ${id}`;
  return row?.character ?? null;
}

export async function writeCharacter(
  tx: Transaction,
  { tenant, id }: Pick<PrincipalRecord, 'tenant' | 'id'>,
  character: CharacterFields,
  now: number,
): Promise<void> {
  await tx`
    insert into agent_characters (tenant_id, agent_id, character, updated_us)
    values (${tenant}, ${id}, ${JSON.stringify(character)}::text::json, ${now})
    on conflict (tenant_id, agent_id) do update
    set character = excluded.character, updated_us = excluded.updated_us`;
}

/** The tenant is locked meanwhile, as for every change among its principals. */
export async function changeAgent(
  tx: Transaction,
  { tenant, id, now }: { readonly tenant: string; readonly id: string; readonly now: number },
  decide: (target: AgentRecord) => AgentChanges | null | Problem,
  audit: (former: AgentRecord, present: AgentRecord) => AuditEntry,
): Promise<AgentRecord | Problem> {
  await lockTenant(tx, tenant);
  const former = await readAgent(tx, tenant, id);
  if (former === null) return new Problem('not_found');
  const changes = decide(former);
  if (changes instanceof Problem) return changes;
  if (changes === null) return former;
  const { character, ...ofPrincipal } = changes;
  const principal = { ...former.principal, ...ofPrincipal };
  await tx`
    update principals set display_name = ${principal.displayName}, bio = ${principal.bio}, runs = ${principal.runs}
    where tenant_id = ${tenant} and id = ${id}`;
  if (character !== undefined) await writeCharacter(tx, former.principal, character, now);
  const updatedAt = character === undefined ? former.updatedAt : now;
  const present = { principal, character: character ?? former.character, updatedAt };
  await insertAudit(tx, audit(former, present));
  return present;
}
