import type { GuestStore } from '../../../ports/identity/identity-store.ts';
import { insertAudit } from '../audit/insert-audit.ts';
import type { Pool, TenantPool } from '../pool.ts';
import { insertPrincipal } from './insert-principal.ts';

export function openGuestStore(requests: TenantPool, identity: Pool): GuestStore {
  return {
    /** Of nodes that make it at once, one does. */
    ensureRealm: ({ id, name, slug, createdAt }, agent, audit) =>
      identity.transacting(async (tx) => {
        const { count } = await tx`
          insert into tenants (id, name, slug, created_us) values (${id}, ${name}, ${slug}, ${createdAt})
          on conflict do nothing`;
        if (count !== 1) return null;
        await insertPrincipal(tx, agent);
        await insertAudit(tx, audit);
        return null;
      }),

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
