import { randomUUID } from 'node:crypto';
import t from 'tap';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { openMessageFinder } from '../../../src/core/live/message-finder.ts';
import { Session } from '../../../src/core/live/session.ts';
import { nativeWording } from '../../../src/dialects/native/encode.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { must } from '../../kit/clients/reader.ts';
import { until } from '../../kit/log-entries.ts';
import { create, post } from '../../kit/memory/memory-commands.ts';
import { MemorySockets } from '../../kit/memory/memory-sockets.ts';
import { type CoreNode, openCoreNode, principal } from '../../kit/servers/core-node.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

const server = await startNats(t);
const database = await startPostgres(t);
const natsUrl = server.url.replace('//', `//${server.user}:${server.pass}@`);
const here = await openCoreNode({ natsUrl, databaseUrl: database.url, name: 'here' });
t.teardown(() => here.close());
const there = await openCoreNode({ natsUrl, databaseUrl: database.url, name: 'there', projects: false });
t.teardown(() => there.close());

const tenant = randomUUID();
const [ann, bob, eve] = [principal(tenant, 'ann'), principal(tenant, 'bob'), principal(tenant, 'eve')];

async function newConversation(messageId: string): Promise<string> {
  const { bus } = here.core;
  const participants = [{ id: 'bob', kind: 'user', role: 'member' } as const];
  const made = must(await bus.dispatch(ann, create({ participants }), bus.context(bus.newConversationId())));
  await say(messageId, made.ref.conversation);
  return made.ref.conversation;
}

async function say(messageId: string, conversation: string): Promise<void> {
  const { bus } = here.core;
  must(await bus.dispatch(ann, post('hello', { messageId }), bus.context(conversation)));
}

function begin(node: CoreNode, who: Principal) {
  const session = node.core.live.begin(who, node.sockets.socket(), nativeWording);
  return { session, find: (message: string) => node.core.live.conversationOf(session, message) };
}

t.test('a message of this very moment is found on another node, followed or not', async (t) => {
  const conversation = await newConversation(randomUUID());
  const follower = begin(there, bob);
  must((await there.core.live.followAll(follower.session, new Map(), () => undefined)) ?? 'followed');
  const stranger = begin(there, bob);
  for (let n = 0; n < 10; n += 1) {
    const messageId = randomUUID();
    await say(messageId, conversation);
    // What tells may be more than a moment behind on a busy machine: the live feed, and the projection.
    for (const { find } of [follower, stranger]) {
      await until(async () => (await find(messageId)) !== null);
      t.equal(await find(messageId), conversation);
    }
  }
});

t.test('who is not in its conversation does not find it, nor does a foreign tenant', async (t) => {
  const messageId = randomUUID();
  const conversation = await newConversation(messageId);
  await until(async () => (await begin(here, bob).find(messageId)) === conversation);
  const found = await Promise.all([
    begin(here, bob).find(messageId),
    begin(here, eve).find(messageId),
    begin(here, principal(randomUUID(), 'bob')).find(messageId),
  ]);
  t.same(found, [conversation, null, null]);
});

t.test('an unknown message is given up after a moment', async (t) => {
  const startedMs = performance.now();
  t.equal(await begin(here, ann).find(randomUUID()), null);
  t.ok(performance.now() - startedMs < limits.messageSoughtMs * 20);
});

t.test('an id that is there twice means the own message', async (t) => {
  const messageId = randomUUID();
  const own = await newConversation(messageId);
  const other = await newConversation(randomUUID());
  const { bus } = here.core;
  must(await bus.dispatch(bob, post('mine', { messageId }), bus.context(other)));
  const [ofBob, ofAnn] = [begin(here, bob), begin(there, ann)];
  await until(async () => (await ofBob.find(messageId)) === other && (await ofAnn.find(messageId)) === own);
  t.equal(await ofAnn.find(messageId), own);
});

t.test('who names many messages that there are not has one look-up in Postgres at a time', async (t) => {
  const looking = new Map<string, number>();
  let most = 0;
  let asked = 0;
  const reader = {
    async conversationOf(_tenant: string, id: string) {
      asked += 1;
      const now = (looking.get(id) ?? 0) + 1;
      looking.set(id, now);
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      looking.set(id, now - 1);
      return null;
    },
  };
  const finder = openMessageFinder(reader, openClock());
  const sockets = new MemorySockets();
  const sessionOf = (who: Principal) => new Session(who, sockets.socket(), nativeWording, null);
  const startedMs = performance.now();
  const found = await Promise.all([
    ...Array.from({ length: 60 }, () => finder.conversationOf(sessionOf(ann), randomUUID())),
    finder.conversationOf(sessionOf(eve), randomUUID()),
  ]);
  t.same(new Set(found), new Set([null]));
  t.equal(most, 1, 'whatever the number of its sockets');
  t.ok(asked >= 61, 'each was looked for');
  t.ok(asked <= 160, `${asked} times for 61: those that wait their turn ask no more when their time is over`);
  t.ok(performance.now() - startedMs < limits.messageSoughtMs * 30);
});

t.test('an id that was given twice means the own message, whatever is open first', async (t) => {
  const messageId = randomUUID();
  const ofAnn = await newConversation(messageId);
  const ofBob = await newConversation(randomUUID());
  const { bus } = here.core;
  must(await bus.dispatch(bob, post('the same', { messageId }), bus.context(ofBob)));
  const orders = [[ofAnn, ofBob], [ofBob, ofAnn], [ofAnn], [ofBob]];
  for (const order of orders) {
    for (const [who, wanted] of [[ann, ofAnn] as const, [bob, ofBob] as const]) {
      const { session, find } = begin(here, who);
      for (const conversation of order) {
        await here.core.live.open(session, [{ conversation, after: null }], () => undefined);
      }
      await until(async () => (await find(messageId)) === wanted);
      t.equal(await find(messageId), wanted, who.id);
    }
  }
});
