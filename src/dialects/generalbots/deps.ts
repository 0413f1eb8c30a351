/** What General Bots is made of, for both of its halves. */
import type { RequestContext } from '../../contract/operation.ts';
import type { Bus } from '../../core/bus.ts';
import type { CommandContext } from '../../domain/command.ts';
import { guestTenant } from '../../domain/limiting/guest-limits.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ConversationSessions } from '../../ports/conversations/conversation-sessions.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Directory, Guests } from '../../ports/identity/identity-service.ts';
import type { RateWindows } from '../../ports/limits/rate-windows.ts';

export interface ChatDeps {
  readonly bus: Bus;
  readonly directory: Directory;
  readonly guests: Guests;
  readonly sessions: ConversationSessions;
  readonly windows: RateWindows;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** Sessions of guests end and are counted, those of others do neither. */
export function isGuest({ tenant }: Pick<Principal, 'tenant'>): boolean {
  return tenant === guestTenant;
}

/** What the headers of a request say of what follows from it. */
export function saidIn({ env, dataClass, policyRef, traceparent }: RequestContext): Partial<CommandContext> {
  return { env, dataClass, policyRef, trace: traceparent };
}
