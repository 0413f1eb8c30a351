import type { MessageId, PrincipalId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Micros } from '../../../domain/time.ts';
import type { MediaId, MediaPlace, MediaRecord } from '../../../ports/media.ts';
import type { Sql, Transaction } from '../pool.ts';
import { type MediaRow, toMedia } from './media-rows.ts';

/** All or none: the rows are locked in the order of their ids, so that two at once do not wait for each other. */
export async function attachMedia(
  tx: Transaction,
  tenant: TenantId,
  uploader: PrincipalId,
  ids: readonly MediaId[],
  { conversation, message }: MediaPlace,
  now: Micros,
): Promise<readonly MediaRecord[] | null> {
  const free = await tx`
    select from media
    where tenant_id = ${tenant} and id = any(${[...ids]}) and uploader_id = ${uploader} and status = 'ready'
      and (message_id is null or (message_id = ${message} and conversation_id = ${conversation}))
    order by id for update`;
  if (free.length !== new Set(ids).size) return null;
  const rows = await tx<MediaRow[]>`
    update media set conversation_id = ${conversation}, message_id = ${message}, placed_us = ${now}
    where tenant_id = ${tenant} and id = any(${[...ids]})
    returning *`;
  const byId = new Map(rows.map((row) => [row.id, toMedia(row)]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** What went with its conversation just now comes back: it never was part of it. */
export async function detachMedia(
  sql: Sql,
  tenant: TenantId,
  ids: readonly MediaId[],
  message: MessageId,
): Promise<null> {
  await sql`
    update media set conversation_id = null, message_id = null, placed_us = null, status = 'ready'
    where tenant_id = ${tenant} and id = any(${[...ids]}) and message_id = ${message}`;
  return null;
}

export async function discardMedia(
  sql: Sql,
  tenant: TenantId,
  ids: readonly MediaId[],
  message: MessageId,
  now: Micros,
): Promise<null> {
  await sql`
    update media set status = 'gone', expires_us = ${now}
    where tenant_id = ${tenant} and id = any(${[...ids]}) and message_id = ${message} and status = 'ready'`;
  return null;
}

/** Blobs never change, and go with the last row that names them: two rows may name the same one. */
export async function copyMedia(
  sql: Sql,
  tenant: TenantId,
  by: PrincipalId,
  from: MediaPlace,
  to: MediaPlace,
  now: Micros,
): Promise<readonly MediaRecord[]> {
  const rows = await sql<MediaRow[]>`
    insert into media (
      tenant_id, id, uploader_id, filename, content_type, size_bytes, status, blob, blob_bytes, is_shown,
      width, height, thumbnail, thumbnail_blob, thumbnail_bytes, conversation_id, message_id, placed_us,
      created_us, expires_us
    )
    select tenant_id, gen_random_uuid()::text, ${by}, filename, content_type, size_bytes, status, blob,
      blob_bytes, is_shown, width, height, case thumbnail when 'due' then 'none' else thumbnail end,
      thumbnail_blob, thumbnail_bytes, ${to.conversation}, ${to.message}, ${now}, created_us,
      expires_us
    from media
    where tenant_id = ${tenant} and message_id = ${from.message} and conversation_id = ${from.conversation}
      and status = 'ready'
    order by id
    limit ${limits.mediaPerMessageMax}
    returning *`;
  return rows.map(toMedia);
}
