import { limits } from '../../../domain/limits.ts';
import type { IdentityStore } from '../../../ports/identity/identity-store.ts';
import type { Pool, TenantPool } from '../pool.ts';
import { openApiKeyStore } from './api-key-store.ts';
import { openChangeFeed } from './change-feed.ts';
import { openInviteStore } from './invite-store.ts';
import { openAgentStore } from './principals/agent-store.ts';
import { openGuestStore } from './principals/guest-store.ts';
import { openPrincipalStore } from './principals/principal-store.ts';
import { openSessionStore } from './session-store.ts';

/** What ended this long ago is of no use, not even to tell a used refresh token from an unknown one. */
const keptUs = limits.identityChangesKeptSec * 1_000_000;

/** The two pools of identity. */
export interface IdentityPools {
  readonly requests: TenantPool;
  /** Finds out whose secret it is, and keeps what belongs to no tenant or to all. */
  readonly identity: Pool;
}

/** The identity tables of 0001_identity.sql. */
export function openIdentityStore({ requests, identity }: IdentityPools): IdentityStore {
  return {
    principals: openPrincipalStore(requests, identity),
    agents: openAgentStore(requests),
    sessions: openSessionStore(requests, identity),
    apiKeys: openApiKeyStore(requests, identity),
    invites: openInviteStore(requests, identity),
    guests: openGuestStore(requests),
    changeFeed: () => openChangeFeed(identity),
    prune: (now) =>
      identity.answering(async (sql) => {
        await sql`delete from sessions where expires_us < ${now - keptUs}`;
        await sql`delete from invites where expires_us < ${now - keptUs}`;
        await sql`delete from identity_changes where changed_at < to_timestamp(${(now - keptUs) / 1_000_000})`;
        return null;
      }),
  };
}
