import type { TenantId } from '../../../../domain/ids.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { KnownPrincipal } from '../../../../ports/identity/identity-service.ts';
import type { PresenceBoard } from '../../../../ports/presence-board.ts';
import type { Person } from './wire.ts';

/** A principal as the others of its tenant find it, with how it is now; what it has not is left out. */
export function encodePerson(presence: PresenceBoard, tenant: TenantId, known: KnownPrincipal): Person {
  const { status, lastSeen } = presence.of(tenant, known.id);
  const isAgent = known.kind !== 'user';
  return {
    id: known.id,
    display_name: known.displayName,
    is_agent: isAgent,
    status,
    ...(known.bio === null ? {} : { bio: known.bio }),
    ...(known.avatarUrl === null ? {} : { avatar_url: known.avatarUrl }),
    ...(lastSeen === null ? {} : { last_seen: formatMicros(lastSeen) }),
    ...(known.jobTitle === null ? {} : { job_title: known.jobTitle }),
    ...(isAgent ? { is_default_agent: known.isDefaultAgent } : {}),
  };
}
