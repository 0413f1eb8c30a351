/** The list of conversations with agents, held against the fold of the same events. */
import t from 'tap';
import { isInternal } from '../../../src/domain/events/message-head.ts';
import type { PrincipalId } from '../../../src/domain/ids.ts';
import { entryId } from '../../../src/domain/timeline.ts';
import type { AgentQuery } from '../../../src/ports/projection/listed-conversations.ts';
import { eventStream } from '../../kit/clients/event-stream.ts';
import type { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { answered, startProjection } from '../../kit/projection.ts';

const all: AgentQuery = {
  agent: null,
  isActive: null,
  among: null,
  limit: 100,
  offset: 0,
  env: null,
  service: null,
};

function firstAgent({ state }: MemoryConversation): PrincipalId | null {
  return [...state.participants.values()].find(({ kind }) => kind === 'agent')?.id ?? null;
}

t.test('it has what a principal shares with agents: all of it, in order, page by page', async (t) => {
  const projection = await startProjection(t);
  const stream = eventStream({ seed: 31, conversations: 24, commands: 2_400 });
  await projection.applyInBatches(stream.appended, 97);
  const { reader } = projection;
  const open = stream.conversations.filter(({ state }) => state.status === 'open');
  const people = new Set(open.flatMap(({ state }) => [...state.participants.keys()]));
  let checked = 0;
  for (const person of people) {
    const own = open
      .filter((one) => one.state.participants.has(person) && firstAgent(one) !== null)
      .sort(
        (one, other) =>
          other.state.at - one.state.at || (one.ref.conversation < other.ref.conversation ? 1 : -1),
      );
    const tenants = new Set(own.map(({ ref }) => ref.tenant));
    for (const tenant of tenants) {
      const expected = own.filter(({ ref }) => ref.tenant === tenant);
      const found = answered(await reader.withAgents(tenant, person, all));
      t.equal(found.total, expected.length, person);
      t.same(
        found.conversations.map(({ ref }) => ref.conversation),
        expected.map(({ ref }) => ref.conversation),
      );
      for (const [index, one] of found.conversations.entries()) {
        const { state, timeline } = expected[index]!;
        t.equal(one.agent, firstAgent(expected[index]!));
        t.equal(one.stage, state.stage);
        t.equal(one.updatedAt, state.at);
        const newest = timeline.findLast(
          ({ event, deletedAt }) =>
            event.type === 'message.posted' && deletedAt === null && !isInternal(event),
        );
        t.equal(
          one.newest === null ? null : entryId(one.newest),
          newest === undefined ? null : entryId(newest),
        );
        checked += 1;
      }
      const second = answered(await reader.withAgents(tenant, person, { ...all, limit: 1, offset: 1 }));
      t.equal(second.total, expected.length, 'whatever the page');
      t.same(
        second.conversations.map(({ ref }) => ref.conversation),
        expected.slice(1, 2).map(({ ref }) => ref.conversation),
      );
      const beyond = answered(await reader.withAgents(tenant, person, { ...all, offset: 1_000 }));
      t.same(beyond, { conversations: [], total: expected.length });
      for (const isActive of [true, false]) {
        const some = answered(await reader.withAgents(tenant, person, { ...all, isActive }));
        t.equal(some.total, expected.filter(({ state }) => (state.stage === 'active') === isActive).length);
      }
      const among = expected.slice(0, 2).map(({ ref }) => ref.conversation);
      t.equal(answered(await reader.withAgents(tenant, person, { ...all, among })).total, among.length);
      const agent = firstAgent(expected[0]!);
      const with1 = answered(await reader.withAgents(tenant, person, { ...all, agent }));
      t.equal(with1.total, expected.filter((one) => firstAgent(one) === agent).length);
      const nobody = answered(await reader.withAgents(tenant, person, { ...all, agent: 'nobody' }));
      t.same(nobody, { conversations: [], total: 0 });
    }
  }
  t.ok(checked > 20, 'there is something to list');
});
