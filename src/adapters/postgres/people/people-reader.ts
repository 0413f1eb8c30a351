/** The People port over the table principals. */
import { limits } from '../../../domain/limits.ts';
import type { PrincipalKind } from '../../../domain/principal.ts';
import type { People } from '../../../ports/conversations/people.ts';
import type { KnownPrincipal } from '../../../ports/identity/identity-service.ts';
import type { Sql, TenantPool } from '../pool.ts';
import { containing } from './like-pattern.ts';

interface KnownRow {
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly display_name: string;
  readonly avatar_url: string | null;
  readonly job_title: string | null;
  readonly bio: string | null;
  readonly is_default_agent: boolean;
  readonly runs: boolean;
}

export function openPeopleReader(pool: TenantPool): People {
  return {
    list: (tenant, except, { limit, after }) =>
      pool.answering(tenant, async (sql) => {
        const rows = await sql<KnownRow[]>`
          select ${knownColumns(sql)} from principals p
          where p.tenant_id = ${tenant} and p.kind = 'user' and p.status = 'active' and p.id <> ${except}
            ${after === null ? sql`` : sql`and (p.display_name collate "C", p.id collate "C") > (${after.displayName}, ${after.id})`}
          order by p.display_name collate "C", p.id collate "C" limit ${limit + 1}`;
        const people = rows.slice(0, limit).map(toKnown);
        const last = rows.length > limit ? people.at(-1) : undefined;
        return { people, next: last === undefined ? null : { displayName: last.displayName, id: last.id } };
      }),

    // Reads all people of a tenant: some milliseconds at 10,000 of them, and `search` has a rate of its own.
    search: (tenant, except, { prefix, phone, limit }) =>
      pool.answering(tenant, async (sql) => {
        const rows = await sql<KnownRow[]>`
          select ${knownColumns(sql)} from principals p
          where p.tenant_id = ${tenant} and p.kind = 'user' and p.status = 'active' and p.id <> ${except}
            and (
              ' ' || regexp_replace(lower(p.display_name), '[\\s\\-''’._,()]+', ' ', 'g')
                like ${containing(` ${prefix}`)}
              or ' ' || lower(p.display_name) like ${containing(` ${prefix}`)}
              ${phone === null ? sql`` : sql`or p.phone = ${phone}`}
            )
          order by p.display_name collate "C", p.id collate "C" limit ${limit}`;
        return rows.map(toKnown);
      }),

    agents: (tenant) =>
      pool.answering(tenant, async (sql) => {
        const rows = await sql<KnownRow[]>`
          select ${knownColumns(sql)} from principals p
          where p.tenant_id = ${tenant} and p.kind = 'agent' and p.status = 'active'
          order by p.is_default_agent desc, p.created_us, p.id limit ${limits.agentsListedMax}`;
        return rows.map(toKnown);
      }),
  };
}

const knownColumns = (sql: Sql) => sql`
  p.id, p.kind, p.display_name, p.avatar_url, p.job_title, p.bio, p.is_default_agent, p.runs`;

function toKnown(row: KnownRow): KnownPrincipal {
  return {
    id: row.id,
    kind: row.kind,
    displayName: row.display_name,
    status: 'active',
    avatarUrl: row.avatar_url,
    jobTitle: row.job_title,
    bio: row.bio,
    isDefaultAgent: row.is_default_agent,
    runs: row.runs,
  };
}
