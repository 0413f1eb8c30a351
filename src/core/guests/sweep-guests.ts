/** What guests left behind is removed some days after it ended, on any node, so much at once. */
import { guestTenant } from '../../domain/limiting/guest-limits.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  ConversationSession,
  ConversationSessionStore,
} from '../../ports/conversations/conversation-sessions.ts';
import type { GuestStore } from '../../ports/identity/identity-store.ts';
import type { Bus } from '../bus.ts';
import { regularly } from '../regularly.ts';

export interface GuestSweepDeps {
  readonly sessions: Pick<ConversationSessionStore, 'ended' | 'remove'>;
  readonly guests: Pick<GuestStore, 'removeIdle'>;
  readonly bus: Pick<Bus, 'dispatch' | 'context'>;
  readonly clock: Clock;
}

const second = 1_000_000;

/** Answers how many sessions are gone. What cannot be removed now is tried again by the next sweep. */
export async function sweepGuests({ sessions, guests, bus, clock }: GuestSweepDeps): Promise<number> {
  const before = clock.nowMicros() - limits.guestKeptSec * second;
  const ended = await sessions.ended(guestTenant, before, limits.guestSweepMax);
  if (ended instanceof Problem) return 0;
  const gone: string[] = [];
  for (const session of ended) {
    const context = bus.context(session.conversation);
    const command = { op: 'conversation.delete', asAdministrator: true } as const;
    const deleted = await bus.dispatch(caretakerFor(session), command, context);
    // Another node, or an administrator, was faster: then there is none to be found.
    const isGone = !(deleted instanceof Problem) || deleted.code === 'not_found';
    if (isGone) gone.push(session.id);
  }
  if (gone.length > 0 && (await sessions.remove(guestTenant, gone)) !== null) return 0;
  // A guest without a conversation session ended with its token at the latest.
  await guests.removeIdle(guestTenant, before - limits.guestSec * second, limits.guestSweepMax);
  return gone.length;
}

/**
 * In the name of the guest, whose identity session may be pruned already, with the rights of an administrator: one
 * that may not delete its conversation any more would be found again by every sweep.
 */
function caretakerFor({ tenant, principal: id, sid }: ConversationSession): Principal {
  return {
    ...{ tenant, id, kind: 'user', scopes: [], role: 'owner', superAdmin: false },
    ...{ displayName: 'Guest', sid: sid ?? '', service: null, expiresAt: null },
  };
}

/** Sweeps again and again; the returned function ends that. */
export function sweepGuestsRegularly(deps: GuestSweepDeps): () => Promise<void> {
  return regularly(deps.clock, limits.guestSweepMs, () => sweepGuests(deps));
}
