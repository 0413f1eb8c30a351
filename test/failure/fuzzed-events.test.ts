/**
 * Every Socket.IO event with what its schema allows, what it nearly allows and garbage, by the real client: each is
 * acknowledged, none is our fault, what is refused stores nothing, and every conversation stays in order.
 */
import fc, { type Arbitrary } from 'fast-check';
import t from 'tap';
import { declaredMessages } from '../../src/compose/documents/documents.ts';
import { makeAgent, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { group, type SymbiaClient, symbia, symbiaClient } from '../kit/clients/symbia-client.ts';
import { fuzzing } from '../kit/hostile/fuzzing.ts';
import { hostileTexts, mutated } from '../kit/hostile/hostile-arbitrary.ts';
import { arbitraryOf } from '../kit/hostile/schema-arbitrary.ts';
import { openStoredCounts } from '../kit/hostile/stored-counts.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(fuzzing.timeoutMs);
const servers = { nats: await startNats(t), database: await startPostgres(t) };
const node = await startNodeProcess(servers, t);
const counts = await openStoredCounts(servers, t);
const canary = 'a text of another tenant';

const owner = await signUp(node, 'owner');
const member = await signUpInto(node, owner, 'member');
const agent = await makeAgent(node, owner);
const stranger = await signUp(node, 'stranger');
const foreign = await group(node, stranger);
const hidden = await symbia(node, stranger, 'POST', `/${foreign}/messages`, { content: canary });
const clients = await Promise.all([owner, member, agent].map((who) => symbiaClient(t, node, who)));

/** Arguments that name something: most often something that is there. */
function placed(fields: Arbitrary<unknown>, ids: readonly string[]): Arbitrary<unknown> {
  const id = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...ids) },
    { weight: 1, arbitrary: fc.constantFrom(foreign, hidden.id, stranger.id, ...hostileTexts.slice(0, 12)) },
  );
  const names = ['conversationId', 'messageId', 'id', 'replyTo', 'target', 'runId', 'preemptedBy'];
  const chosen = fc.tuple(fields, id, ...names.map(() => id));
  return chosen.map(([value, plain, ...named]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return plain;
    const copy: Record<string, unknown> = { ...value };
    for (const [at, name] of names.entries()) if (name in copy) copy[name] = named[at];
    return copy;
  });
}

/** What was accepted before may be followed by something of its own: only what is left each time is left by the event. */
const looksMax = 10;

async function exchange(client: SymbiaClient, name: string, argument: unknown, looks = 1): Promise<void> {
  const before = await counts();
  const ack = await client.ask(name, ...(argument === undefined ? [] : [argument]));
  if (JSON.stringify(ack).includes(canary)) throw new Error("it shows what is another tenant's");
  if (ack?.success === true) {
    accepted += 1;
    return;
  }
  refused += 1;
  const { success, error } = ack as { success?: unknown; error?: unknown };
  if (success !== false || typeof error !== 'string')
    throw new Error(`it is answered ${JSON.stringify(ack)}`);
  if (error.startsWith('Failed')) throw new Error(`it is our fault: ${error}`);
  if (JSON.stringify(await counts()) === JSON.stringify(before)) return;
  if (looks === looksMax) throw new Error(`it was refused (${error}) and left something`);
  await exchange(client, name, argument, looks + 1);
}

let [accepted, refused] = [0, 0];

for (const { name, schema } of declaredMessages().eventSockets.flatMap(({ events }) => events)) {
  t.test(`${name} takes or refuses whatever it is sent`, async (t) => {
    const conversation = await group(node, owner, member.id, agent.id);
    const message = await symbia(node, owner, 'POST', `/${conversation}/messages`, { content: 'fuzzed' });
    const right = placed(arbitraryOf(schema), [conversation, message.id]);
    const argument = fc.oneof(right, mutated(right));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...clients), argument, (client, value) =>
        exchange(client, name, value),
      ),
      fuzzing.parameters,
    );
    t.ok(
      clients.every(({ socket }) => socket.connected),
      'nobody was sent away',
    );
    t.equal((await call(node, 'GET', '/healthz')).status, 200, 'the process lives');
  });
}

t.test('every conversation was heard in order', async (t) => {
  const heard = new Map<string, number>();
  for (const row of clients[0]?.heard('message:new') ?? []) {
    t.ok(row.sequence > (heard.get(row.conversation_id) ?? 0));
    heard.set(row.conversation_id, row.sequence);
  }
  t.ok(accepted > refused / 20 && refused > accepted / 20, `${accepted} accepted, ${refused} refused`);
});
