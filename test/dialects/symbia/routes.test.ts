/** The suite of the Symbia routes over the real front end and the real rules; the log is an array. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { openIdSource } from '../../../src/adapters/system/id-source.ts';
import { errorStatuses } from '../../../src/contract/documents/openapi-shared.ts';
import type { HttpDialect, Operation } from '../../../src/contract/operation.ts';
import { sessionCookieNames } from '../../../src/contract/session-cookie.ts';
import { symbiaDialect } from '../../../src/dialects/symbia/index.ts';
import { type Principal, scopes } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Credentials } from '../../../src/ports/identity/identity-authenticator.ts';
import type { Directory, KnownPrincipal } from '../../../src/ports/identity/identity-service.ts';
import { type SymbiaWorld, symbiaRoutes } from '../../contracts/symbia-routes.ts';
import { startFront } from '../../kit/clients/http-front.ts';
import { MemoryBus } from '../../kit/memory/memory-bus.ts';
import { agent, person, service } from '../../kit/memory/memory-principals.ts';

const tenant = randomUUID();
const administrator = scopes.filter((scope) => scope !== 'cap:messaging.impersonate');
const cast = {
  ada: person(randomUUID(), { tenant, role: 'owner', scopes: administrator }),
  ben: person(randomUUID(), { tenant }),
  cleo: person(randomUUID(), { tenant }),
  iris: agent(randomUUID(), { tenant }),
  juno: agent('assistant:juno', { tenant }),
  hook: service(randomUUID(), { tenant, scopes }),
  dora: person(randomUUID(), { tenant }),
  stranger: person(randomUUID(), { tenant: randomUUID(), role: 'owner', scopes: administrator }),
};

/** A token is the name in the cast. */
const authenticate = ({ bearer, apiKey, cookie }: Credentials): Principal | Problem =>
  [bearer, apiKey, cookie].flatMap(
    (shown) => Object.entries(cast).find(([name]) => name === shown)?.[1] ?? [],
  )[0] ?? new Problem('unauthenticated');

const directory: Directory = {
  hasTenant: async (id) => Object.values(cast).some(({ tenant }) => tenant === id),
  superAdmins: async () => new Set(),
  async principalsOf(asked, ids) {
    const known = Object.values(cast).filter((one) => one.tenant === asked && ids.includes(one.id));
    return new Map(known.map((one) => [one.id, listing(one)]));
  },
  agentNamed: async () => null,
};

function listing({ id, kind, displayName }: Principal): KnownPrincipal {
  const nothing = { avatarUrl: null, jobTitle: null, bio: null, isDefaultAgent: false, runs: false };
  return { id, kind, displayName, status: id === cast.dora.id ? 'suspended' : 'active', ...nothing };
}

/** Statuses that an operation answered though the documents do not have them. */
const undocumented = new Set<string>();

/** The dialect, whose answers are held against what it declares. */
function watched(dialect: HttpDialect): HttpDialect {
  const watch = (one: Operation): Operation => {
    const documented = new Set([...Object.keys(one.responses), ...errorStatuses(one)]);
    const answer: Operation['answer'] = async (request) => {
      const answered = await one.answer(request);
      if (!documented.has(String(answered.status))) undocumented.add(`${one.id} ${answered.status}`);
      return answered;
    };
    return { ...one, answer };
  };
  return { ...dialect, operations: dialect.operations.map(watch) };
}

const bus = new MemoryBus();
const unasked = () => Promise.reject(new Error('no test here asks for it'));
const dialect = watched(
  symbiaDialect({
    ...{ bus, directory, ids: openIdSource(), clock: openClock() },
    readiness: unasked,
    alsoHealth: unasked,
    account: {
      signIn: { login: unasked, logout: unasked },
      own: { me: unasked },
      isSecure: false,
      relay: null,
      forget: () => undefined,
      places: { identityServiceUrl: '', base: '' },
    },
  }),
);
const { url } = await startFront(t, [dialect], { authenticate, cookieNames: sessionCookieNames });
const players = Object.entries(cast).map(([token, one]) => [
  token,
  { id: one.id, tenant: one.tenant, token },
]);
symbiaRoutes(t, { url, ...Object.fromEntries(players) } as SymbiaWorld);
t.test('nobody speaks for a suspended account', async (t) => {
  const headers = { authorization: 'Bearer hook', 'x-as-user-id': cast.dora.id };
  t.equal((await fetch(`${url}/api/conversations`, { headers })).status, 403);
});
t.test('the documents have every status that was answered', async (t) => t.same([...undocumented], []));
