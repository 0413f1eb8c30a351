import { limits } from '../../../domain/limits.ts';
import type { IdentityStore } from '../../../ports/identity-store.ts';
import type { Pool } from '../pool.ts';
import { openAgentStore } from './agent-store.ts';
import { openApiKeyStore } from './api-key-store.ts';
import { openChangeFeed } from './change-feed.ts';
import { openInviteStore } from './invite-store.ts';
import { openPrincipalStore } from './principal-store.ts';
import { openSessionStore } from './session-store.ts';

/** What ended this long ago is of no use, not even to tell a used refresh token from an unknown one. */
const keptUs = limits.identityChangesKeptSec * 1_000_000;

/** The identity tables of 0001_identity.sql. */
export function openIdentityStore(pool: Pool): IdentityStore {
  return {
    principals: openPrincipalStore(pool),
    agents: openAgentStore(pool),
    sessions: openSessionStore(pool),
    apiKeys: openApiKeyStore(pool),
    invites: openInviteStore(pool),
    changeFeed: () => openChangeFeed(pool),
    prune: (now) =>
      pool.answering(async (sql) => {
        await sql`delete from sessions where expires_us < ${now - keptUs}`;
        await sql`delete from invites where expires_us < ${now - keptUs}`;
        await sql`delete from identity_changes where changed_at < to_timestamp(${(now - keptUs) / 1_000_000})`;
        return null;
      }),
  };
}
