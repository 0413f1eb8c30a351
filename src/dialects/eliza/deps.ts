/** What this dialect is made of. */
import type { Bus, LiveBus } from '../../core/bus.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { TimedSessions } from '../../ports/timed-sessions.ts';

export interface ElizaDeps {
  readonly bus: Bus;
  readonly live: LiveBus;
  readonly directory: Directory;
  readonly ids: IdSource;
  readonly clock: Clock;
  /** Ids that stand for a conversation until they end; for a socket that joins one: `conversationOf()`. */
  readonly sessions: TimedSessions;
  /** Who asks without a credential (`parley dev`); null: nobody may. */
  readonly anonymous: Principal | null;
}
