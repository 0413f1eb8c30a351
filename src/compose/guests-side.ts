/** People without an account: their tenant is there before the first of them comes. */
import { tokenSecrets } from '../adapters/jose/token-secrets.ts';
import { openConversationSessions as openSessionStore } from '../adapters/postgres/conversation-sessions.ts';
import { type IdentityPools, openIdentityStore } from '../adapters/postgres/identity/identity-store.ts';
import type { Bus } from '../core/bus.ts';
import { openConversationSessions } from '../core/guests/conversation-sessions.ts';
import { guestRealm } from '../core/guests/guest-realm.ts';
import { sweepGuestsRegularly } from '../core/guests/sweep-guests.ts';
import type { Clock } from '../ports/clock.ts';
import type { ConversationSessions } from '../ports/conversations/conversation-sessions.ts';
import type { IdSource } from '../ports/id-source.ts';
import type { Identity } from '../ports/identity/identity-service.ts';
import type { Releases } from './releases.ts';

export interface GuestsSideOptions {
  readonly pools: IdentityPools;
  readonly identity: Pick<Identity, 'ensureRealm'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Pick<IdSource, 'next'>;
}

/** Rejects when Postgres is away. */
export async function openGuestsSide(
  { pools, identity, bus, clock, ids }: GuestsSideOptions,
  releases: Releases,
): Promise<ConversationSessions> {
  const refused = await identity.ensureRealm(guestRealm(ids.next()));
  if (refused !== null) throw new Error(`the tenant of guests could not be made: ${refused.message}`);
  const store = openSessionStore(pools.requests);
  const { guests } = openIdentityStore(pools);
  releases.add('sweep of guests', sweepGuestsRegularly({ sessions: store, guests, bus, clock }));
  return openConversationSessions({ store, secrets: tokenSecrets, clock });
}
