import type { Micros } from '../../../domain/time.ts';
import type { GoneMedia } from '../../../ports/media.ts';
import type { Sql } from '../pool.ts';

interface GoneRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly blob: string | null;
  readonly thumbnail_blob: string | null;
}

/** Several nodes may sweep at once: each takes other rows. Of copies that all are gone, each names the bytes. */
export async function expireMedia(sql: Sql, now: Micros, limit: number): Promise<readonly GoneMedia[]> {
  const rows = await sql<GoneRow[]>`
    with late as (
      select tenant_id, id from media where status <> 'ready' and expires_us < ${now}
      order by expires_us limit ${limit} for update skip locked
    )
    update media m set status = 'gone' from late
    where m.tenant_id = late.tenant_id and m.id = late.id
    returning m.tenant_id, m.id,
      case when not exists (
        select from media o
        where o.tenant_id = m.tenant_id and o.blob = m.blob and o.id <> m.id and o.status <> 'gone'
      ) then m.blob end as blob,
      case when not exists (
        select from media o
        where o.tenant_id = m.tenant_id and o.blob = m.blob and o.thumbnail_blob = m.thumbnail_blob
          and o.id <> m.id and o.status <> 'gone'
      ) then m.thumbnail_blob end as thumbnail_blob`;
  return rows.map(({ tenant_id: tenant, id, blob, thumbnail_blob: small }) => ({
    ...{ tenant, id },
    blobs: [blob, small].filter((one) => one !== null),
  }));
}

export async function forgetMedia(sql: Sql, gone: readonly GoneMedia[]): Promise<null> {
  await sql`
    delete from media m
    using unnest(${gone.map(({ tenant }) => tenant)}::text[], ${gone.map(({ id }) => id)}::text[])
      as v (tenant_id, id)
    where m.tenant_id = v.tenant_id and m.id = v.id and m.status = 'gone'`;
  return null;
}
