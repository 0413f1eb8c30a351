/**
 * Every route of every dialect is sent what its schemas allow, what they nearly allow, and what is no JSON
 * at all, by those who may and those who may not: it answers below 500 in words of its own, what it refuses
 * leaves nothing behind, nothing of another tenant is shown, and the process lives.
 */
import fc, { type Arbitrary } from 'fast-check';
import t from 'tap';
import { declaredDialects } from '../../src/compose/documents/documents.ts';
import type { Operation } from '../../src/contract/operation.ts';
import { type Account, makeAgent, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { fuzzing } from '../kit/hostile/fuzzing.ts';
import { garbled, hostileTexts, mutated } from '../kit/hostile/hostile-arbitrary.ts';
import { arbitraryOf } from '../kit/hostile/schema-arbitrary.ts';
import { openStoredCounts } from '../kit/hostile/stored-counts.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(fuzzing.timeoutMs);
const servers = { nats: await startNats(t), database: await startPostgres(t) };
const env = { PARLEY_MASTER_KEY: 'ab'.repeat(32) };
const node = await startNodeProcess({ ...servers, env }, t);
const counts = await openStoredCounts(servers, t);
const canary = 'a text of another tenant';

/** What identifies something that exists; a route is given them in turn with what does not. */
interface World {
  readonly ids: readonly string[];
  readonly tokens: readonly (string | null)[];
}

async function made(path: string, token: string, body: object): Promise<string> {
  const answer = await call(node, 'POST', path, { token, body });
  return answer.body.id ?? answer.body.agent?.id;
}

const stranger = await signUp(node, 'stranger');
const foreign = await made('/api/conversations', stranger.token, { type: 'group', name: canary });
await call(node, 'POST', `/api/conversations/${foreign}/messages`, {
  token: stranger.token,
  body: { content: canary },
});

/** Made anew after each route that may have ended its sessions, agents or conversations. */
async function world(): Promise<World> {
  const owner = await signUp(node, 'owner');
  const member: Account = await signUpInto(node, owner, 'member');
  const agent = await makeAgent(node, owner);
  const conversation = await made('/api/conversations', owner.token, { type: 'group', name: 'fuzzed' });
  const messages = `/api/conversations/${conversation}/messages`;
  const message = await made(messages, owner.token, { content: 'fuzzed' });
  const ids = [conversation, message, agent.id, member.id, owner.id, foreign, stranger.id];
  return { ids, tokens: [owner.token, owner.token, owner.token, member.token, agent.token, null, 'nobody'] };
}

interface Sent {
  readonly token: string | null;
  readonly params: readonly string[];
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: string | Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

const printable = hostileTexts.filter((text) => /^[\x21-\x7e][\x20-\x7e]*$/.test(text));
const headerNames = [
  'x-org-id',
  'x-service-id',
  'x-env',
  'x-data-class',
  'x-policy-ref',
  'x-as-user-id',
  'idempotency-key',
  'traceparent',
  'x-request-id',
  'cookie',
  'content-type',
];

function bodyOf({ schemas }: Operation): Arbitrary<string | Uint8Array | null> {
  if (schemas.body === undefined) return fc.constantFrom(null, '{}', '{', 'x'.repeat(100));
  const right = arbitraryOf(schemas.body);
  const text = (value: unknown): string => JSON.stringify(value) ?? '';
  return fc.oneof(
    { weight: 3, arbitrary: right.map(text) },
    { weight: 5, arbitrary: mutated(right).map(text) },
    { weight: 1, arbitrary: garbled(right.map(text)) },
    { weight: 1, arbitrary: fc.constantFrom(null, '', 'null', '[]', '"x"', '7') },
  );
}

function sentTo(operation: Operation, { ids, tokens }: World): Arbitrary<Sent> {
  const names = operation.path.split('/').filter((part) => part.startsWith(':'));
  const id = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ids) },
    { weight: 1, arbitrary: fc.constantFrom(...hostileTexts.filter(isWellFormed)) },
  );
  const { query } = operation.schemas;
  const right = query === undefined ? fc.constant({}) : arbitraryOf(query);
  return fc.record({
    token: fc.constantFrom(...tokens),
    params: fc.tuple(...names.map(() => id)),
    query: fc.oneof(right, mutated(right)) as Arbitrary<Record<string, unknown>>,
    body: bodyOf(operation),
    headers: fc.oneof(
      { weight: 3, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: fc.dictionary(fc.constantFrom(...headerNames), fc.constantFrom(...printable), {
          maxKeys: 2,
        }),
      },
    ),
  });
}

/** Beyond 16 KB of headers the transport answers by itself (431), before any of ours. */
const queryCharsMax = 6_000;

function addressOf({ path }: Operation, { params, query }: Sent): string {
  let at = 0;
  const filled = path.replaceAll(/:\w+/g, () => encodeURIComponent(params[at++] ?? ''));
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => `${percent(name)}=${percent(asText(one).slice(0, 200))}`),
  );
  return pairs.length === 0 ? filled : `${filled}?${pairs.join('&').slice(0, queryCharsMax)}`;
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
const percent = (text: string): string => encodeURIComponent(isWellFormed(text) ? text : 'x');

async function send(operation: Operation, sent: Sent): Promise<{ status: number; text: string }> {
  const { token, body, headers } = sent;
  const hasBody = body !== null && operation.method !== 'GET';
  const response = await fetch(node.url + addressOf(operation, sent), {
    method: operation.method,
    headers: {
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(hasBody ? { body: body as string } : {}),
    redirect: 'manual',
  });
  return { status: response.status, text: await response.text() };
}

/** What must never leave the process: stacks, statements, errors of drivers, paths. */
const leaks =
  /\bat [\w.<>]+ \(|node_modules|\/src\/|postgres(ql)?:\/\/|nats:\/\/|relation "|syntax error|ECONN/;

let [accepted, refused] = [0, 0];

/** Agents answer what was accepted a moment ago: only what is left each time is left by the request. */
const looksMax = 10;
/** What the request before left, if it was refused: the same as what is there before the next one. */
let lastCounts: Awaited<ReturnType<typeof counts>> | undefined;
/** Good for the next route as well, if this one only reads. */
let lastWorld: World | undefined;

for (const dialect of declaredDialects()) {
  for (const operation of dialect.operations.filter(({ isAlias }) => isAlias !== true || fuzzing.isLong)) {
    t.test(`${operation.id} answers whatever it is sent`, async (t) => {
      const those = lastWorld ?? (await world());
      lastWorld = operation.method === 'GET' ? those : undefined;
      await fc.assert(
        fc.asyncProperty(sentTo(operation, those), (sent) => look(operation, sent)),
        fuzzing.parameters,
      );
      t.equal((await call(node, 'GET', '/healthz')).status, 200, 'the process lives');
    });
  }
}

async function look(operation: Operation, sent: Sent): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    const before = lastCounts ?? (await counts());
    lastCounts = undefined;
    const { status, text } = await send(operation, sent);
    const told = `${status} ${text.slice(0, 300)}`;
    if (status >= 500) throw new Error(`it failed: ${told}`);
    if (status < 400) {
      accepted += 1;
      if (text.includes(canary)) throw new Error(`it shows what is another tenant's: ${told}`);
      return;
    }
    refused += 1;
    if (leaks.test(text)) throw new Error(`it tells too much: ${told}`);
    const body: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof body !== 'object' || body === null) throw new Error(`it is no object: ${told}`);
    const after = await counts();
    if (JSON.stringify(after) === JSON.stringify(before)) {
      lastCounts = after;
      return;
    }
    if (looks === looksMax)
      throw new Error(`it was refused and left something: ${told} ${JSON.stringify([before, after])}`);
  }
}

t.test('some of it was accepted and most of it refused: the fuzzer aims at the edge', (t) => {
  t.ok(accepted > refused / 20, `${accepted} accepted`);
  t.ok(refused > accepted, `${refused} refused`);
  t.end();
});
