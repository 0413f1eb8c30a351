import type { Micros } from '../../../domain/time.ts';
import type { GoneMedia } from '../../../ports/media.ts';
import type { Sql } from '../pool.ts';

interface GoneRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly blob: string | null;
}

/** Several nodes may sweep at once: each takes other rows. */
export async function expireMedia(sql: Sql, now: Micros, limit: number): Promise<readonly GoneMedia[]> {
  const rows = await sql<GoneRow[]>`
    with late as (
      select tenant_id, id from media where status <> 'ready' and expires_us < ${now}
      order by expires_us limit ${limit} for update skip locked
    )
    update media m set status = 'gone' from late
    where m.tenant_id = late.tenant_id and m.id = late.id
    returning m.tenant_id, m.id, m.blob`;
  return rows.map(({ tenant_id: tenant, id, blob }) => ({ tenant, id, blob }));
}

export async function forgetMedia(sql: Sql, gone: readonly GoneMedia[]): Promise<null> {
  await sql`
    delete from media m
    using unnest(${gone.map(({ tenant }) => tenant)}::text[], ${gone.map(({ id }) => id)}::text[])
      as v (tenant_id, id)
    where m.tenant_id = v.tenant_id and m.id = v.id and m.status = 'gone'`;
  return null;
}
