/** The MediaStore port on PostgreSQL: the table media. */
import type { TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { MediaId, MediaStore, NewMedia } from '../../../ports/media.ts';
import type { IdentityPools } from '../identity/identity-store.ts';
import type { Sql, Transaction } from '../pool.ts';
import { attachMedia, copyMedia, detachMedia, discardMedia } from './attach-media.ts';
import { expireMedia, forgetMedia } from './expire-media.ts';
import { type MediaRow, toMedia } from './media-rows.ts';

export function openMediaStore({ requests, identity }: IdentityPools): MediaStore {
  return {
    create: (media) => requests.transacting(media.tenant, (tx) => create(tx, media)),
    find: (tenant, id) =>
      requests.answering(tenant, async (sql) => {
        const [row] = await sql<MediaRow[]>`
          select * from media where tenant_id = ${tenant} and id = ${id} and status <> 'gone'`;
        return row === undefined ? null : toMedia(row);
      }),
    uploaded: (tenant, id, blob, bytes) =>
      requests.answering(tenant, (sql) => replaceBlob(sql, tenant, id, blob, bytes)),
    confirm: (tenant, id, { blob, isShown, isThumbnailDue }) =>
      requests.answering(tenant, async (sql) => {
        const [row] = await sql<MediaRow[]>`
          update media set status = 'ready', is_shown = ${isShown},
            thumbnail = ${isThumbnailDue ? 'due' : 'none'}
          where tenant_id = ${tenant} and id = ${id} and status = 'pending' and blob = ${blob}
          returning *`;
        return row === undefined ? null : toMedia(row);
      }),
    thumbnailed: (tenant, id, { width, height, thumbnail }) =>
      requests.answering(tenant, async (sql) => {
        const made = await sql`
          update media set width = ${width}, height = ${height}, thumbnail_blob = ${thumbnail?.blob ?? null},
            thumbnail_bytes = ${thumbnail?.sizeBytes ?? null},
            thumbnail = ${thumbnail === null ? 'none' : 'made'}
          where tenant_id = ${tenant} and id = ${id} and thumbnail = 'due' and status = 'ready'
          returning 1`;
        return made.length > 0 ? null : new Problem('not_found');
      }),
    attach: (tenant, uploader, ids, place, now) =>
      requests.transacting(tenant, (tx) => attachMedia(tx, tenant, uploader, ids, place, now)),
    copy: (tenant, by, from, to, now) =>
      requests.answering(tenant, (sql) => copyMedia(sql, tenant, by, from, to, now)),
    detach: (tenant, ids, message) =>
      requests.answering(tenant, (sql) => detachMedia(sql, tenant, ids, message)),
    discard: (tenant, ids, message, now) =>
      requests.answering(tenant, (sql) => discardMedia(sql, tenant, ids, message, now)),
    expire: (now, limit) => identity.answering((sql) => expireMedia(sql, now, limit)),
    forget: (gone) => identity.answering((sql) => forgetMedia(sql, gone)),
  };
}

async function create(tx: Transaction, media: NewMedia): Promise<Problem | null> {
  const { tenant, id, uploader, filename, contentType, sizeBytes, folder, createdAt, expiresAt } = media;
  // Two at once would both be the last that there is room for. Freed with the transaction.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`media ${tenant} ${uploader}`}, 0))`;
  const made = await tx`
    insert into media (
      tenant_id, id, uploader_id, filename, content_type, size_bytes, status, folder, created_us,
      expires_us
    )
    select ${tenant}, ${id}, ${uploader}, ${filename}, ${contentType}, ${sizeBytes}, 'pending',
      ${folder}, ${createdAt}, ${expiresAt}
    where (
      select count(*) from media
      where tenant_id = ${tenant} and uploader_id = ${uploader} and status = 'pending'
    ) < ${limits.mediaPendingPerPrincipalMax}
    returning 1`;
  if (made.length > 0) return null;
  return new Problem('rate_limited', 'Too many uploads are not confirmed yet.', {
    reason: 'too_many_uploads',
  });
}

async function replaceBlob(sql: Sql, tenant: TenantId, id: MediaId, blob: string, bytes: number) {
  const [row] = await sql<{ former: string | null }[]>`
    with present as (
      select tenant_id, id, blob from media
      where tenant_id = ${tenant} and id = ${id} and status = 'pending' for update
    )
    update media m set blob = ${blob}, blob_bytes = ${bytes} from present p
    where m.tenant_id = p.tenant_id and m.id = p.id
    returning p.blob as former`;
  return row ?? new Problem('conflict', 'This upload is confirmed already.');
}
