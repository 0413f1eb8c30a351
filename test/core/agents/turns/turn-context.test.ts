import t from 'tap';
import { findRunningAgent, type RunningAgent } from '../../../../src/core/agents/running-agent.ts';
import {
  classOf,
  messagesFor,
  readTurnContext,
  type TurnContext,
} from '../../../../src/core/agents/turns/turn-context.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { AgentTurn } from '../../../../src/ports/agents/agent-turns.ts';
import type { ModelMessage } from '../../../../src/ports/agents/model.ts';
import type { KnownPrincipal } from '../../../../src/ports/identity/identity-service.ts';
import { MemoryBus } from '../../../kit/memory/memory-bus.ts';
import { post } from '../../../kit/memory/memory-commands.ts';
import { principal } from '../../../kit/servers/core-node.ts';

const tenant = 'tenant';
const nobody = {
  avatarUrl: null,
  jobTitle: null,
  bio: null,
  isDefaultAgent: false,
  runs: false,
  status: 'active',
} as const;
const known: Record<string, KnownPrincipal> = {
  bot: { ...nobody, id: 'bot', kind: 'agent', displayName: 'Bot', bio: 'A bot.', runs: true },
  outside: { ...nobody, id: 'outside', kind: 'agent', displayName: 'Outside' },
  asleep: { ...nobody, id: 'asleep', kind: 'agent', displayName: 'Asleep', runs: true, status: 'suspended' },
  ann: { ...nobody, id: 'ann', kind: 'user', displayName: 'Ann A.' },
};
const directory = {
  principalsOf: async (_: string, ids: readonly string[]) =>
    new Map(ids.flatMap((id) => (known[id] === undefined ? [] : [[id, known[id]] as const]))),
};
const agents = {
  characterOf: async (_: string, id: string) => (id === 'bot' ? { name: 'Bot', system: 'Be a bot.' } : null),
};
const agent = (await findRunningAgent({ directory, agents }, tenant, 'bot')) as RunningAgent;

t.test('only an agent that runs and is active is one', async (t) => {
  t.match(agent, {
    principal: { tenant, id: 'bot', kind: 'agent', scopes: [], superAdmin: false },
    profile: { bio: 'A bot.', character: { system: 'Be a bot.' } },
  });
  for (const id of ['outside', 'asleep', 'ann', 'nobody'])
    t.equal(await findRunningAgent({ directory, agents }, tenant, id), null, id);
  const away = { principalsOf: async () => new Problem('unavailable') };
  t.match(await findRunningAgent({ directory: away, agents }, tenant, 'bot'), { code: 'unavailable' });
});

/** A conversation of ann, ben (who is no principal) and the bot. */
async function stage() {
  const bus = new MemoryBus();
  const [ann, ben, bot] = [principal(tenant, 'ann'), principal(tenant, 'ben'), agent.principal];
  const context = bus.context('c1');
  const others = [
    { id: 'ben', kind: 'user', role: 'member' },
    { id: 'bot', kind: 'agent', role: 'member' },
  ] as const;
  await bus.dispatch(
    ann,
    {
      ...{
        op: 'create',
        type: 'group',
        name: null,
        description: null,
        metadata: {},
        env: 'dev',
        service: null,
      },
      participants: others,
    },
    context,
  );
  async function say(
    by: typeof ann,
    content: string,
    more: Parameters<typeof post>[1] = {},
  ): Promise<AgentTurn> {
    const outcome = await bus.dispatch(by, post(content, more), bus.context('c1'));
    if (outcome instanceof Problem) throw new Error(outcome.code);
    const [event] = outcome.events;
    if (event?.type !== 'message.posted') throw new Error('no message');
    const ref = { tenant, service: null, conversation: 'c1' };
    return { ref, agent: 'bot', message: event.data.message_id, seq: event.seq ?? 0, at: 0 };
  }
  return { bus, ann, ben, bot, say };
}

async function contextOf(bus: MemoryBus, turn: AgentTurn): Promise<TurnContext> {
  const context = await readTurnContext(bus, agent, turn);
  if (context === null || context instanceof Problem) throw new Error('no context');
  return context;
}

t.test('a model reads what was said before, its own answers, and the message last', async (t) => {
  const { bus, ann, ben, bot, say } = await stage();
  await say(ann, 'one');
  const two = await say(ben, 'two');
  await say(ann, 'three');
  await say(bot, 'to one');
  const messages = await messagesFor(directory, agent, await contextOf(bus, two));
  t.same(messages, [
    { role: 'other', name: 'Ann A.', text: 'one' },
    { role: 'self', name: 'Bot', text: 'to one' },
    { role: 'other', name: 'ben', text: 'two' },
  ]);
});

t.test('a message without words is read as such', async (t) => {
  const { bus, ann, say } = await stage();
  const files = await say(ann, '');
  t.same(await messagesFor(directory, agent, await contextOf(bus, files)), [
    { role: 'other', name: 'Ann A.', text: '' },
  ]);
});

t.test('whose message it replies to is known, however old that is', async (t) => {
  const { bus, ann, bot, say } = await stage();
  const first = await say(bot, 'the first');
  for (let n = 0; n < limits.agentHistoryMax + 5; n += 1) await say(ann, `more ${n}`);
  const reply = await say(ann, 'to the first', { replyTo: first.message });
  const context = await contextOf(bus, reply);
  t.equal(context.repliesTo, 'bot');
  t.equal(context.before.length, limits.agentHistoryMax - 1);
  t.equal((await contextOf(bus, await say(ann, 'to nobody'))).repliesTo, null);
});

t.test('a deleted message is not shown; one that is gone has no turn', async (t) => {
  const { bus, ann, say } = await stage();
  const mistake = await say(ann, 'a mistake');
  await bus.dispatch(ann, { op: 'delete', message: mistake.message }, bus.context('c1'));
  const last = await say(ann, 'the last');
  t.same(await messagesFor(directory, agent, await contextOf(bus, last)), [
    { role: 'other', name: 'Ann A.', text: 'the last' },
  ]);
  t.equal(await readTurnContext(bus, agent, { ...last, message: 'another' }), null);
  t.equal(await readTurnContext(bus, agent, { ...last, seq: 99 }), null);
});

t.test('of long talks the newest is shown, the message itself always', async (t) => {
  const { bus, ann, say } = await stage();
  for (let n = 0; n < 8; n += 1) await say(ann, `${n}`.repeat(limits.agentHistoryCharsMax / 4));
  const last = await say(ann, 'x'.repeat(limits.agentHistoryCharsMax / 2));
  const messages = (await messagesFor(
    directory,
    agent,
    await contextOf(bus, last),
  )) as readonly ModelMessage[];
  t.same(
    messages.map(({ text }) => text[0]),
    ['6', '7', 'x'],
  );
  const huge = await say(ann, 'y'.repeat(limits.agentHistoryCharsMax + 1));
  t.equal(((await messagesFor(directory, agent, await contextOf(bus, huge))) as unknown[]).length, 1);
});

t.test('an answer is as protected as what it may repeat', async (t) => {
  const { bus, ann, say } = await stage();
  await say(ann, 'one');
  const context = await contextOf(bus, await say(ann, 'two'));
  t.equal(classOf(context), 'none');
  const [before] = context.before;
  if (before === undefined) throw new Error('nothing before');
  t.equal(classOf({ ...context, before: [{ ...before, dataClass: 'phi' }] }), 'phi');
  t.equal(
    classOf({
      ...context,
      entry: { ...context.entry, dataClass: 'secret' },
      before: [{ ...before, dataClass: 'phi' }],
    }),
    'secret',
  );
});
