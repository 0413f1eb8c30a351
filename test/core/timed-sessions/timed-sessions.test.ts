/** Sessions that end by themselves, on real PostgreSQL and a real log: what is true at once, and what is told when. */
import t from 'tap';
import { tokenSecrets } from '../../../src/adapters/jose/token-secrets.ts';
import { openTimedSessionStore } from '../../../src/adapters/postgres/timed-sessions/timed-session-store.ts';
import { openIdSource } from '../../../src/adapters/system/id-source.ts';
import { openTimedSessions } from '../../../src/core/timed-sessions/open-timed-sessions.ts';
import { openSessionTeller } from '../../../src/core/timed-sessions/session-teller.ts';
import type { DataClass } from '../../../src/domain/event.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { SessionNotice, TimedSession } from '../../../src/ports/agents/timed-sessions.ts';
import { given, movableClock, named, openTestPools } from '../../kit/identity.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { type CoreNode, openCoreNode, principal } from '../../kit/servers/core-node.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

const nats = await startNats(t);
const { url: databaseUrl } = await startPostgres(t);
const natsUrl = nats.url.replace('//', `//${nats.user}:${nats.pass}@`);
const node: CoreNode = await openCoreNode({ natsUrl, databaseUrl });
t.teardown(() => node.close());
const pools = await openTestPools(t, databaseUrl);
const { sql } = pools;
const { bus } = node.core;
const ids = openIdSource();
const defaults = {
  ...{ timeoutMinutes: 30, minMinutes: 5, maxMinutes: 1_440, maxDurationMinutes: 720, warningMinutes: 5 },
};

/** A node's half of it, with a clock of its own. */
function open() {
  const clock = movableClock();
  const logger = silentLogger();
  const store = openTimedSessionStore(pools);
  const teller = openSessionTeller({ store, bus, ids, clock, logger });
  const { sealer } = node.sealing;
  const sessions = openTimedSessions({ store, teller, clock, sealer, secrets: tokenSecrets, defaults });
  return { clock, store, teller, sessions, logger };
}

const ada = principal('acme', 'ada');
const ben = principal('acme', 'ben');
const hook = principal('acme', 'hook', 'service');

async function begin(
  { sessions }: Pick<ReturnType<typeof open>, 'sessions'>,
  asked: object = {},
  { user = ada, dataClass = 'none' }: { user?: Principal; dataClass?: DataClass } = {},
): Promise<TimedSession> {
  const conversation = bus.newConversationId();
  const create = { op: 'create', type: 'private', name: null, description: null, metadata: {} } as const;
  const participants = [{ id: 'iris', kind: 'agent', role: 'member' } as const];
  given(
    await bus.dispatch(
      user,
      { ...create, env: 'dev', service: null, participants },
      bus.context(conversation),
    ),
  );
  return given(
    await sessions.begin(user.tenant, {
      ...{ id: sessions.newId(), conversation, agent: 'iris', user: user.id, metadata: { from: 'a test' } },
      ...{ dataClass, timeouts: sessions.timeoutsFor(asked, {}) },
    }),
  );
}

/** What was told in its conversation, in order. */
async function told({ conversation }: TimedSession): Promise<unknown[]> {
  const page = given(await bus.historyOf('acme', conversation, { limit: 200, keep: 'newest' }));
  return page.entries.flatMap(({ event }) =>
    event.type === 'control' ? [[event.data.event, event.data.metadata, event.actor.id]] : [],
  );
}

const found = async ({ sessions }: ReturnType<typeof open>, caller: Principal, id: string) => {
  const session = await sessions.find(caller, id);
  if (session instanceof Problem) throw new Error(session.code);
  return session?.state ?? null;
};

/** As somebody left it who is gone: nothing of it is due in this database any more. */
const forget = (session: TimedSession) => sql`delete from session_notices where session_id = ${session.id}`;

t.test('its user, services and administrators of its tenant see a session, nobody else', async (t) => {
  const one = open();
  const session = await begin(one);
  const boss: Principal = { ...ben, role: 'admin' };
  for (const [caller, expected] of [
    ...([
      [ada, 'active'],
      [hook, 'active'],
      [boss, 'active'],
      [ben, null],
    ] as const),
    ...([
      [principal('other', 'ada'), null],
      [principal('other', 'hook', 'service'), null],
    ] as const),
  ] as const) {
    t.equal(await found(one, caller, session.id), expected, `${caller.tenant} ${caller.id} ${caller.role}`);
    const conversation = expected === null ? null : session.conversation;
    t.equal(await one.sessions.conversationOf(caller, session.id), conversation);
  }
  t.equal(await found(one, ada, 'no uuid'), null);
  t.equal(await found(one, ada, session.id.toUpperCase()), 'active');
  t.equal(await one.sessions.end(ben, session.id), false);
  const [ofAda, ofBen] = [await one.sessions.counts(ada), await one.sessions.counts(ben)];
  t.match([ofAda, ofBen], [{ active: 1 }, { active: 0, total: 0 }]);
  t.equal(await one.sessions.end(ada, session.id), true);
  t.equal(await found(one, ada, session.id), null);
  t.same([...(await sql`select 1 from session_notices where session_id = ${session.id}`)], []);
});

t.test('one that expired is said to be so once, to whoever touches it first, and then is gone', async (t) => {
  const [one, two] = [open(), open()];
  const session = await begin(one);
  one.clock.move(30 * 60 + 1);
  two.clock.move(30 * 60 + 1);
  const all = await Promise.all([one, two, one, two].map((node) => found(node, ada, session.id)));
  t.same(all.toSorted(), ['expired', null, null, null].toSorted());
  t.equal(await one.sessions.use(session), null);
  t.equal(await one.sessions.renew(session), null);
  await one.teller.tellDue();
  t.same(await told(session), [['session.expired', { session_id: session.id }, 'ada']]);
});

t.test('renewals at once on two nodes all count, and each is told once', async (t) => {
  const [one, two] = [open(), open()];
  const session = await begin(one);
  const uses = await Promise.all(
    Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? one : two).sessions.use(session)),
  );
  const renewals = uses.map((use) => given(use).session.renewals);
  t.same(
    renewals.toSorted((a, b) => a - b),
    Array.from({ length: 16 }, (_, index) => index + 1),
  );
  const all = await told(session);
  t.equal(all.length, 16);
  t.match(all[0], ['session.renewed', { session_id: session.id, expires_at: /Z$/ }, 'ada']);
  const waiting = await sql<{ name: string; renewals: number }[]>`
    select name, renewals from session_notices where session_id = ${session.id} order by name`;
  t.same(
    [...waiting],
    [
      { name: 'session.expired', renewals: 16 },
      { name: 'session.expiring', renewals: 16 },
    ],
  );
  await forget(session);
});

t.test('a warning comes once in each renewal, then the end, from whichever node', async (t) => {
  const [one, two] = [open(), open()];
  const session = await begin(one);
  const bothTell = () => Promise.all([one.teller.tellDue(), two.teller.tellDue()]);
  const move = (minutes: number) => {
    one.clock.move(minutes * 60);
    two.clock.move(minutes * 60);
  };
  await bothTell();
  t.same(await told(session), [], 'nothing is due');
  move(25);
  await bothTell();
  await bothTell();
  const warning = ['session.expiring', { session_id: session.id, minutes_remaining: 5 }, 'ada'];
  t.same(await told(session), [warning]);
  given(await two.sessions.renew(session));
  move(25);
  await bothTell();
  t.match(await told(session), [warning, ['session.renewed'], warning]);
  move(5);
  await bothTell();
  await bothTell();
  t.match((await told(session)).slice(3), [['session.expired', { session_id: session.id }]]);
  t.equal(await found(one, ada, session.id), 'expired', 'that it ended is not said to have been touched');
});

t.test(
  'what a node claimed and did not tell another one tells, and what it told is not told again',
  async (t) => {
    const [dead, two] = [open(), open()];
    const session = await begin(dead);
    for (const { clock } of [dead, two]) clock.move(25 * 60);
    const leaseUs = limits.sessionNoticeLeaseMs * 1000;
    const claim = async (): Promise<readonly SessionNotice[]> => {
      const now = dead.clock.nowMicros();
      return given(await dead.store.claim(now, now + leaseUs, 10));
    };
    t.match(await claim(), [{ name: 'session.expiring', session: session.id }]);
    await two.teller.tellDue();
    t.same(await told(session), [], 'it is in the hands of another');
    for (const { clock } of [dead, two]) clock.move(limits.sessionNoticeLeaseMs / 1000 + 1);
    await two.teller.tellDue();
    t.equal((await told(session)).length, 1);

    // Told, but not written down as told.
    const forgetful = openSessionTeller({
      ...{ bus, ids, clock: dead.clock, logger: silentLogger() },
      store: { ...dead.store, settle: async () => null },
    });
    for (const { clock } of [dead, two]) clock.move(5 * 60);
    await forgetful.tellDue();
    t.equal((await told(session)).length, 2);
    for (const { clock } of [dead, two]) clock.move(limits.sessionNoticeLeaseMs / 1000 + 1);
    await two.teller.tellDue();
    t.equal((await told(session)).length, 2);
    t.same([...(await sql`select 1 from session_notices where session_id = ${session.id}`)], []);
  },
);

t.test('a renewal whose node died before it told it is told by another one', async (t) => {
  const one = open();
  const session = await begin(one);
  const silent = openTimedSessions({
    ...{ store: one.store, clock: one.clock, sealer: node.sealing.sealer, secrets: tokenSecrets, defaults },
    teller: { tell: async () => undefined },
  });
  given(await silent.renew(session));
  await one.teller.tellDue();
  t.same(await told(session), []);
  one.clock.move(limits.sessionNoticeLeaseMs / 1000 + 1);
  await one.teller.tellDue();
  t.match(await told(session), [['session.renewed', { session_id: session.id }]]);
  await forget(session);
});

t.test('a clock that is behind does not renew what was told to have ended', async (t) => {
  const [fast, slow] = [open(), open()];
  const session = await begin(slow);
  fast.clock.move(30 * 60);
  await fast.teller.tellDue();
  t.match((await told(session)).at(-1), ['session.expired']);
  t.equal(await slow.sessions.renew(session), null);
  t.equal(await slow.sessions.use(session), null);
});

t.test('a warning that was overtaken by a renewal, or comes too late, is not given', async (t) => {
  const one = open();
  const session = await begin(one);
  one.clock.move(25 * 60);
  const before = await sql`select * from session_notices where session_id = ${session.id}`;
  given(await one.sessions.renew(session));
  await sql`insert into session_notices ${sql(before)}`;
  one.clock.move(31 * 60);
  await one.teller.tellDue();
  t.match(await told(session), [['session.renewed'], ['session.expired']]);
});

t.test('where nobody is left to be told, notices go', async (t) => {
  const one = open();
  const session = await begin(one);
  given(await bus.dispatch(ada, { op: 'conversation.delete' }, bus.context(session.conversation)));
  one.clock.move(31 * 60);
  await one.teller.tellDue();
  t.same([...(await sql`select 1 from session_notices where session_id = ${session.id}`)], []);
  t.same(
    one.logger.lines.filter(({ level }) => level === 'error'),
    [],
  );
});

t.test('other timeouts move the end, and a renewal ends when it has lasted as long as it may', async (t) => {
  const one = open();
  const session = await begin(one, { timeoutMinutes: 10, maxDurationMinutes: 15 });
  const longer = one.sessions.timeoutsFor({ timeoutMinutes: 60 }, {});
  const retimed = given(await one.sessions.retime(session, longer));
  t.equal(retimed.expiresAt - session.createdAt, 60 * 60_000_000);
  t.equal(retimed.renewals, 0);
  const brief = one.sessions.timeoutsFor({ timeoutMinutes: 10, maxDurationMinutes: 10 }, {});
  given(await one.sessions.retime(session, brief));
  one.clock.move(9 * 60);
  t.match(given(await one.sessions.use(session)), { isRenewed: true, session: { renewals: 1 } });
  one.clock.move(30);
  const last = given(await one.sessions.renew(session));
  t.equal(last.expiresAt - session.createdAt, 10 * 60_000_000);
  await forget(session);
});

t.test('metadata of a secret conversation is stored sealed', async (t) => {
  const one = open();
  const session = await begin(one, {}, { dataClass: 'phi' });
  const [row] = await sql<
    { metadata: string }[]
  >`select metadata from timed_sessions where id = ${session.id}`;
  t.match(row?.metadata, /^s/);
  t.notMatch(row?.metadata, /a test/);
  const again = given(await open().sessions.find(ada, session.id));
  t.match(again, { session: { metadata: { from: 'a test' } } });
  await forget(session);
});

t.test('what has ended is swept, and its end is told all the same', async (t) => {
  const one = open();
  const [session, other] = [await begin(one), await begin(one, { timeoutMinutes: 60 })];
  one.clock.move(31 * 60);
  t.ok(given(await one.store.sweep(one.clock.nowMicros(), 1_000)) >= 1);
  t.equal(await found(one, ada, session.id), null);
  t.equal(await found(one, ada, other.id), 'active');
  await one.teller.tellDue();
  t.match((await told(session)).at(-1), ['session.expired']);
  await forget(other);
});

t.test('agents do not answer what is told, and nobody has anything unread', async (t) => {
  const one = open();
  const session = await begin(one);
  given(await one.sessions.renew(session));
  const { state } = given(await bus.stateFor(ada, session.conversation, null));
  t.match([state.paused, state.floor, state.openRuns.size], [null, null, 0]);
  const iris = principal('acme', 'iris', 'agent');
  const page = given(await bus.unread(iris, { env: null, service: null }));
  t.equal(page.find(({ ref }) => ref.conversation === session.conversation)?.unread ?? 0, 0);
  t.equal(
    named(await bus.messages(ada, session.conversation, { messages: 10, charsMax: 100, env: null })),
    'ok',
  );
  await forget(session);
});
