/** Sessions that end by themselves: their rows, and the notices that any node tells when they are due. */
import { tokenSecrets } from '../../adapters/jose/token-secrets.ts';
import type { IdentityPools } from '../../adapters/postgres/identity/identity-store.ts';
import { openDatabaseTime } from '../../adapters/postgres/timed-sessions/database-time.ts';
import { openTimedSessionStore } from '../../adapters/postgres/timed-sessions/timed-session-store.ts';
import type { Config } from '../../config/config.ts';
import type { Bus } from '../../core/bus.ts';
import type { Sealing } from '../../core/sealing/sealing.ts';
import { openTimedSessions } from '../../core/timed-sessions/open-timed-sessions.ts';
import { openSessionClock } from '../../core/timed-sessions/session-clock.ts';
import { openSessionTeller } from '../../core/timed-sessions/session-teller.ts';
import { sweepSessionsRegularly, tellRegularly } from '../../core/timed-sessions/tell-regularly.ts';
import type { TimeoutDefaults } from '../../core/timed-sessions/timeouts.ts';
import type { TimedSessions } from '../../ports/agents/timed-sessions.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Releases } from '../releases.ts';

export interface TimedSessionsSideOptions {
  readonly pools: IdentityPools;
  readonly bus: Bus;
  readonly sealing: Pick<Sealing, 'sealer'>;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly config: TimedSessionsConfig;
}

type TimedSessionsConfig = Pick<
  Config,
  | 'sessionTimeoutMinutes'
  | 'sessionMinMinutes'
  | 'sessionMaxMinutes'
  | 'sessionDurationMinutes'
  | 'sessionWarningMinutes'
  | 'sessionSweepMinutes'
>;

/** Tells what is due from now on. */
export function openTimedSessionsSide(options: TimedSessionsSideOptions, releases: Releases): TimedSessions {
  const { pools, bus, sealing, clock, ids, logger, config } = options;
  const store = openTimedSessionStore(pools);
  const time = openSessionClock(openDatabaseTime(pools.identity), clock);
  releases.add('clock of sessions', () => time.close());
  const teller = openSessionTeller({ store, bus, ids, clock: time, logger });
  releases.add('notices of sessions', tellRegularly(teller, clock));
  const sweepMs = config.sessionSweepMinutes * 60_000;
  releases.add(
    'sweep of sessions',
    sweepSessionsRegularly(store, { ...clock, nowMicros: time.nowMicros }, sweepMs),
  );
  return openTimedSessions({
    ...{ store, teller, clock: time, secrets: tokenSecrets, sealer: sealing.sealer },
    defaults: defaultsOf(config),
  });
}

function defaultsOf(config: TimedSessionsConfig): TimeoutDefaults {
  return {
    timeoutMinutes: config.sessionTimeoutMinutes,
    minMinutes: config.sessionMinMinutes,
    maxMinutes: config.sessionMaxMinutes,
    maxDurationMinutes: config.sessionDurationMinutes,
    warningMinutes: config.sessionWarningMinutes,
  };
}
