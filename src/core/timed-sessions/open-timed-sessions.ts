/** Sessions that end by themselves: begun, found, used, ended, each on whichever node is asked. */
import { isSealedClass } from '../../domain/event.ts';
import { isUuid, type TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { isManager, type Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type {
  ChangedSession,
  Lifetime,
  SessionNotice,
  StoredSession,
  TimedSession,
  TimedSessionStore,
  TimedSessions,
} from '../../ports/agents/timed-sessions.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TokenSecrets } from '../../ports/identity/token-secrets.ts';
import { keepText, openText } from '../sealing/kept-text.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { begun, comingNotices, isExpired, renewed, retimed, used } from './lifetime.ts';
import type { SessionTeller } from './session-teller.ts';
import { mergedTimeouts, type TimeoutDefaults } from './timeouts.ts';

export interface TimedSessionDeps {
  readonly store: TimedSessionStore;
  readonly teller: Pick<SessionTeller, 'tell'>;
  readonly secrets: Pick<TokenSecrets, 'randomId'>;
  readonly sealer: Pick<Sealer, 'sealText' | 'opener'>;
  readonly clock: Pick<Clock, 'nowMicros'>;
  readonly defaults: TimeoutDefaults;
}

/** Its user, and who may speak for everybody of the tenant. */
export function maySeeSession(
  { tenant, user }: Pick<TimedSession, 'tenant' | 'user'>,
  caller: Principal,
): boolean {
  return caller.tenant === tenant && (caller.id === user || isManager(caller));
}

export function openTimedSessions(deps: TimedSessionDeps): TimedSessions {
  const { store, teller, clock, defaults, secrets } = deps;

  /** Changes it, and tells at once that it was renewed; another node does that when this one dies meanwhile. */
  async function change(
    { tenant, id }: Pick<TimedSession, 'tenant' | 'id'>,
    next: (lifetime: Lifetime, now: Micros) => Lifetime | null,
  ): Promise<{ readonly session: TimedSession; readonly before: StoredSession } | null | Problem> {
    const now = clock.nowMicros();
    const claimedUntil = now + limits.sessionNoticeLeaseMs * 1000;
    const said: SessionNotice[] = [];
    let before: StoredSession | null = null;
    const changed = await store.change(tenant, id, now, claimedUntil, (session) => {
      before = session;
      const after = next(session, now);
      if (after === null) return null;
      const change = changedBy(session, after, now);
      said.push(...(change.notices ?? []).filter(({ name }) => name === 'session.renewed'));
      return change;
    });
    if (changed instanceof Problem || changed === null || before === null) return problemOrNull(changed);
    if (said.length > 0) await teller.tell(said);
    const session = await opened(deps, changed);
    return session instanceof Problem ? session : { session, before };
  }

  async function seen(caller: Principal, id: string): Promise<StoredSession | null | Problem> {
    if (!isUuid(id)) return null;
    const session = await store.find(caller.tenant, id.toLowerCase());
    if (session === null || session instanceof Problem) return session;
    return maySeeSession(session, caller) ? session : null;
  }

  return {
    range: { minMinutes: defaults.minMinutes, maxMinutes: defaults.maxMinutes },
    timeoutsFor: (asked, settings) => mergedTimeouts(defaults, settings, asked),
    newId: () => secrets.randomId(),
    now: () => clock.nowMicros(),

    async begin(tenant, { metadata, dataClass, timeouts, ...wanted }) {
      const text = JSON.stringify(metadata);
      const kept = await keepText(deps.sealer, placeOf(tenant, wanted.id), text, isSealedClass(dataClass));
      if (kept instanceof Problem) return kept;
      const session = { ...wanted, tenant, metadata, ...begun(timeouts, clock.nowMicros()) };
      const refused = await store.add({ ...session, metadata: kept }, noticesOf(session, session));
      return refused ?? session;
    },

    async cancel({ tenant, id }) {
      const removed = await store.remove(tenant, id);
      return removed instanceof Problem ? removed : null;
    },

    async find(caller, id) {
      const session = await seen(caller, id);
      if (session === null || session instanceof Problem) return session;
      const now = clock.nowMicros();
      if (!isExpired(session, now)) {
        const whole = await opened(deps, session);
        return whole instanceof Problem ? whole : { state: 'active', session: whole };
      }
      const isFirst = await store.removeExpired(session.tenant, session.id, now);
      if (isFirst instanceof Problem) return isFirst;
      return isFirst ? { state: 'expired', expiresAt: session.expiresAt } : null;
    },

    async use(session) {
      const changed = await change(session, (lifetime, now) => used(lifetime, now).lifetime);
      if (changed === null || changed instanceof Problem) return changed;
      return { session: changed.session, isRenewed: changed.session.renewals > changed.before.renewals };
    },

    async renew(session) {
      let isOver = false;
      const changed = await change(session, (lifetime, now) => {
        const after = renewed(lifetime, now);
        isOver = after === null;
        return after;
      });
      if (isOver) return new Problem('conflict', 'Maximum duration reached', { reason: 'max_duration' });
      return changed === null || changed instanceof Problem ? changed : changed.session;
    },

    async retime(session, timeouts) {
      const changed = await change(session, (lifetime, now) => retimed(lifetime, timeouts, now));
      return changed === null || changed instanceof Problem ? changed : changed.session;
    },

    async end(caller, id) {
      const session = await seen(caller, id);
      if (session === null || session instanceof Problem) return session ?? false;
      return await store.remove(session.tenant, session.id);
    },

    async list(caller, page) {
      const now = clock.nowMicros();
      const user = isManager(caller) ? null : caller.id;
      const stored = await store.list(caller.tenant, user, now, page);
      if (stored instanceof Problem) return stored;
      const counts = await store.counts(caller.tenant, user, now);
      if (counts instanceof Problem) return counts;
      const sessions: TimedSession[] = [];
      for (const one of stored) {
        const whole = await opened(deps, one);
        if (whole instanceof Problem) return whole;
        sessions.push(whole);
      }
      return { sessions, counts };
    },

    counts: (caller) => store.counts(caller.tenant, isManager(caller) ? null : caller.id, clock.nowMicros()),

    async conversationOf(caller, id) {
      const session = await seen(caller, id);
      return session === null || session instanceof Problem ? session : session.conversation;
    },
  };
}

const problemOrNull = (changed: StoredSession | null | Problem): null | Problem =>
  changed instanceof Problem ? changed : null;

const placeOf = (tenant: TenantId, id: string) => ({ tenant, kind: 'timed-session', id });

/** Metadata whose key is gone is empty. */
async function opened(
  { sealer }: Pick<TimedSessionDeps, 'sealer'>,
  session: StoredSession,
): Promise<TimedSession | Problem> {
  const text = await openText(sealer, placeOf(session.tenant, session.id), session.metadata);
  if (text instanceof Problem) return text;
  return { ...session, metadata: text === null ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

function changedBy(session: StoredSession, lifetime: Lifetime, now: Micros): ChangedSession {
  const coming = noticesOf(session, lifetime);
  if (lifetime.renewals !== session.renewals) {
    return { lifetime, notices: [notice(session, lifetime, 'session.renewed', now), ...coming] };
  }
  return { lifetime, notices: lifetime.timeouts === session.timeouts ? null : coming };
}

type Told = Pick<TimedSession, 'tenant' | 'id' | 'conversation' | 'user'>;

function noticesOf(session: Told, lifetime: Lifetime): readonly SessionNotice[] {
  return comingNotices(lifetime).map(({ name, dueAt }) => notice(session, lifetime, name, dueAt));
}

function notice(
  { tenant, id, conversation, user }: Told,
  { renewals, expiresAt }: Lifetime,
  name: SessionNotice['name'],
  dueAt: Micros,
): SessionNotice {
  return { tenant, session: id, conversation, user, name, renewals, dueAt, expiresAt };
}
