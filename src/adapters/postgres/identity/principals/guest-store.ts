import type { GuestStore } from '../../../../ports/identity/identity-store.ts';
import type { TenantPool } from '../../pool.ts';
import { insertPrincipal } from './insert-principal.ts';

export function openGuestStore(requests: TenantPool): GuestStore {
  return {
    add: (guest, session) =>
      requests.transacting(guest.tenant, async (tx) => {
        await insertPrincipal(tx, guest);
        await tx`
          insert into sessions (id, tenant_id, principal_id, created_us, expires_us, ends_us)
          values (${session.id}, ${session.tenant}, ${session.principal}, ${session.createdAt},
                  ${session.expiresAt}, ${session.endsAt})`;
        return null;
      }),

    removeIdle: (tenant, before, limit) =>
      requests.answering(tenant, async (sql) => {
        const { count } = await sql`
          delete from principals where tenant_id = ${tenant} and id in (
            select p.id from principals p
            where p.tenant_id = ${tenant} and p.kind = 'user' and p.created_us < ${before}
              and not exists (
                select from conversation_sessions s
                where s.tenant_id = ${tenant} and s.principal_id = p.id
              )
            order by p.created_us limit ${limit}
          )`;
        return count;
      }),
  };
}
