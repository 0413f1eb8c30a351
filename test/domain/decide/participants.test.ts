import t from 'tap';
import type { Command } from '../../../src/domain/command.ts';
import type { ParticipantRole } from '../../../src/domain/event.ts';
import { limits } from '../../../src/domain/limits.ts';
import { create, member } from '../../kit/memory/memory-commands.ts';
import { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { ada, ben, cleo, dora, harbour, hook, iris, refusal } from '../../kit/memory/memory-harbour.ts';
import { agent, person } from '../../kit/memory/memory-principals.ts';

const add = (id: string, role: ParticipantRole = 'member'): Command => ({
  op: 'participant.add',
  participant: member(person(id), role),
});
const remove = (participant: string, asAdministrator = false): Command => ({
  op: 'participant.remove',
  participant,
  asAdministrator,
});
const setRole = (participant: string, role: ParticipantRole): Command => ({
  op: 'participant.role',
  participant,
  role,
});
const rolesOf = (c: MemoryConversation): Record<string, string> =>
  Object.fromEntries([...c.state.participants.values()].map((one) => [one.id, one.role]));

t.test('owner and admin add participants, members do not', async (t) => {
  t.equal(refusal(harbour().decide(ada, add('dora'))), 'ok');
  t.equal(refusal(harbour().decide(ben, add('dora'))), 'ok');
  for (const who of [cleo, iris, hook]) t.equal(refusal(harbour().decide(who, add('dora'))), 'not_a_manager');
  t.equal(refusal(harbour().decide(dora, add('dora'))), 'not_found');
});

t.test('only an owner adds owners and admins', async (t) => {
  for (const role of ['owner', 'admin'] as const) {
    t.equal(refusal(harbour().decide(ada, add('dora', role))), 'ok');
    t.equal(refusal(harbour().decide(ben, add('dora', role))), 'role_not_allowed');
  }
});

t.test('adding who is in already changes nothing, least of all a role', async (t) => {
  const c = harbour();
  for (const [id, role] of [
    ['ada', 'member'],
    ['ben', 'member'],
    ['cleo', 'admin'],
    ['cleo', 'owner'],
  ] as const) {
    t.match(c.handle(ada, add(id, role)), { decision: { kind: 'unchanged' } });
  }
  t.match(rolesOf(c), { ada: 'owner', ben: 'admin', cleo: 'member' });
});

t.test('a person joins a group by itself as member, and joining twice changes nothing', async (t) => {
  const c = harbour();
  t.match(c.accept(dora, { op: 'join' }).events, [
    {
      type: 'participant.added',
      seq: null,
      data: { participant: { id: 'dora', kind: 'user', role: 'member' } },
    },
  ]);
  t.match(c.handle(dora, { op: 'join' }), { decision: { kind: 'unchanged' } });
  t.match(c.handle(ada, { op: 'join' }), { decision: { kind: 'unchanged' } });
  t.equal(rolesOf(c)['ada'], 'owner');
});

t.test(
  'a private conversation of others cannot be joined, and is not told from one that is not there',
  async (t) => {
    const missing = new MemoryConversation().decide(dora, { op: 'join' });
    t.same(harbour({ type: 'private' }).decide(dora, { op: 'join' }), missing);
    t.equal(refusal(missing), 'not_found');
    t.equal(refusal(harbour({ type: 'private' }).decide(cleo, { op: 'join' })), 'ok');
  },
);

t.test('what is of another environment or service cannot be joined', async (t) => {
  const c = harbour({ env: 'prod', service: 'billing' });
  t.equal(refusal(c.decide(dora, { op: 'join' }, c.context({ env: 'dev' }))), 'not_found');
  t.equal(refusal(c.decide(agent('nova', { service: 'support' }), { op: 'join' })), 'not_found');
  t.equal(
    refusal(c.decide(agent('nova', { service: 'billing' }), { op: 'join' }, c.context({ env: 'prod' }))),
    'ok',
  );
});

t.test('everybody may leave but the last owner', async (t) => {
  const c = harbour();
  for (const who of [ben, cleo, iris, hook]) c.accept(who, remove(who.id));
  t.equal(refusal(c.decide(ada, remove('ada'))), 'owner_cannot_leave');
  t.same(rolesOf(c), { ada: 'owner', juno: 'member' });
});

t.test('an owner leaves after handing over', async (t) => {
  const c = harbour();
  c.accept(ada, setRole('cleo', 'owner'));
  c.accept(ada, remove('ada'));
  t.equal(rolesOf(c)['cleo'], 'owner');
  t.equal(refusal(c.decide(cleo, remove('cleo'))), 'owner_cannot_leave');
});

t.test('owner and admin remove others, members do not, and an owner is removed by nobody', async (t) => {
  t.equal(refusal(harbour().decide(ada, remove('ben'))), 'ok');
  t.equal(refusal(harbour().decide(ben, remove('cleo'))), 'ok');
  t.equal(refusal(harbour().decide(cleo, remove('iris'))), 'not_a_manager');
  t.equal(refusal(harbour().decide(ben, remove('ada'))), 'cannot_remove_owner');
  const c = harbour();
  c.accept(ada, setRole('ben', 'owner'));
  t.equal(refusal(c.decide(ada, remove('ben'))), 'cannot_remove_owner');
});

t.test('removing who is not in it says so, to those who may know', async (t) => {
  t.equal(refusal(harbour().decide(ada, remove('nobody'))), 'participant_not_found');
  t.equal(refusal(harbour().decide(dora, remove('dora'))), 'not_found');
  t.equal(refusal(harbour().decide(dora, remove('cleo'))), 'not_found');
});

t.test('who was removed does not know of the conversation any more', async (t) => {
  const c = harbour();
  c.accept(ada, remove('cleo'));
  t.equal(refusal(c.decide(cleo, remove('cleo'))), 'not_found');
  t.equal(refusal(c.decide(cleo, add('dora'))), 'not_found');
});

t.test('only owners change roles', async (t) => {
  t.equal(refusal(harbour().decide(ada, setRole('cleo', 'admin'))), 'ok');
  for (const who of [ben, cleo])
    t.equal(refusal(harbour().decide(who, setRole('cleo', 'admin'))), 'not_an_owner');
  t.equal(refusal(harbour().decide(dora, setRole('cleo', 'admin'))), 'not_found');
  t.equal(refusal(harbour().decide(ada, setRole('nobody', 'admin'))), 'participant_not_found');
  t.match(harbour().decide(ada, setRole('cleo', 'member')), { kind: 'unchanged' });
});

t.test('the last owner keeps the role', async (t) => {
  const c = harbour();
  t.equal(refusal(c.decide(ada, setRole('ada', 'member'))), 'last_owner');
  c.accept(ada, setRole('ben', 'owner'));
  c.accept(ada, setRole('ada', 'member'));
  t.equal(refusal(c.decide(ben, setRole('ben', 'admin'))), 'last_owner');
});

t.test('an administrator of the tenant manages from outside only where the command says so', async (t) => {
  const chief = person('dora', { role: 'owner' });
  const adding = { ...add('nova'), asAdministrator: true } as Command;
  t.equal(refusal(harbour().decide(chief, add('nova'))), 'not_found');
  t.equal(refusal(harbour().decide(chief, adding)), 'ok');
  t.equal(refusal(harbour().decide(chief, remove('ada', true))), 'ok');
  t.equal(refusal(harbour().decide(dora, adding)), 'not_found');
  t.equal(refusal(new MemoryConversation().decide(chief, adding)), 'not_found');
});

t.test('who an administrator adds again gets the role, also the last owner', async (t) => {
  const chief = person('dora', { role: 'owner' });
  const c = harbour();
  const again = (id: string, role: ParticipantRole) =>
    ({ ...add(id, role), asAdministrator: true }) as Command;
  t.match(c.decide(chief, again('cleo', 'member')), { kind: 'unchanged' });
  c.accept(chief, again('cleo', 'owner'));
  c.accept(chief, again('ada', 'member'));
  t.match(rolesOf(c), { cleo: 'owner', ada: 'member' });
  t.match(c.decide(cleo, again('ada', 'owner')), { kind: 'unchanged' }, 'a member of the tenant only adds');
});

t.test('a conversation has at most a thousand participants', async (t) => {
  const c = new MemoryConversation();
  const crowd = Array.from({ length: limits.participantsMax }, (_, i) => member(person(`p${i}`)));
  t.equal(refusal(c.handle(ada, create({ participants: crowd }))), 'too_many_participants');
  c.accept(ada, create({ participants: crowd.slice(1) }));
  t.equal(refusal(c.decide(ada, add('dora'))), 'too_many_participants');
  t.equal(refusal(c.decide(dora, { op: 'join' })), 'too_many_participants');
  t.match(c.decide(ada, add('p5')), { kind: 'unchanged' });
});

const addSeveral = (...ids: string[]): Command => ({
  op: 'participants.add',
  participants: ids.map((id) => member(person(id))),
});

t.test('several are added in one step, each by an event, and who is in it stays as it is', async (t) => {
  const c = harbour();
  const { events, state } = c.accept(ada, addSeveral('dora', 'ben', 'eve', 'dora'));
  t.match(events, [
    { type: 'participant.added', data: { participant: { id: 'dora', role: 'member' } } },
    { type: 'participant.added', data: { participant: { id: 'eve' } } },
  ]);
  t.equal(events.length, 2);
  t.equal(new Set(events.map(({ id }) => id)).size, 2);
  t.match(rolesOf(c), { ben: 'admin', dora: 'member', eve: 'member' });
  t.equal(state.participants.size, 8);
  t.match(c.decide(ada, addSeveral('dora', 'eve')), { kind: 'unchanged' });
  t.equal(refusal(c.decide(cleo, addSeveral('frank'))), 'not_a_manager');
});

t.test('of several that would be too many none is added', async (t) => {
  const c = new MemoryConversation();
  const crowd = Array.from({ length: limits.participantsMax - 3 }, (_, i) => member(person(`p${i}`)));
  c.accept(ada, create({ participants: crowd }));
  t.equal(refusal(c.decide(ada, addSeveral('dora', 'eve', 'frank'))), 'too_many_participants');
  t.equal(refusal(c.decide(ada, addSeveral('dora', 'eve'))), 'ok');
});

const leave = (who: string): Command => ({ op: 'participant.remove', participant: who, mayHandOver: true });

t.test(
  'who may hand over by leaving is followed by the oldest admin, then by the oldest member',
  async (t) => {
    const c = harbour();
    c.accept(ada, setRole('hook', 'admin'));
    t.match(c.accept(ada, leave('ada')).events, [
      { type: 'participant.role', data: { participant: 'ben', role: 'owner' } },
      { type: 'participant.removed', data: { participant: 'ada' } },
    ]);
    t.match(c.accept(ben, leave('ben')).events[0], { data: { participant: 'cleo', role: 'owner' } });
    t.same(Object.keys(rolesOf(c)), ['cleo', 'iris', 'juno', 'hook']);
  },
);

t.test('nobody follows while there is another owner', async (t) => {
  const c = harbour();
  c.accept(ada, setRole('cleo', 'owner'));
  t.match(c.accept(ada, leave('ada')).events, [{ type: 'participant.removed' }]);
  t.match(c.accept(iris, leave('iris')).events, [{ type: 'participant.removed' }]);
});

t.test('with the last person the conversation ends, with an agent it does not', async (t) => {
  const c = harbour();
  for (const who of [ben, cleo]) c.accept(who, leave(who.id));
  t.match(c.accept(iris, leave('iris')), { state: { status: 'open' } });
  t.match(c.accept(ada, leave('ada')), { events: [{ type: 'conversation.deleted' }] });
  t.equal(c.state.status, 'deleted');
});

t.test('agents among themselves follow one another', async (t) => {
  const c = new MemoryConversation();
  c.accept(iris, create({ participants: [member(agent('juno'))] }));
  t.match(c.accept(iris, leave('iris')).events[0], { data: { participant: 'juno', role: 'owner' } });
  t.match(c.accept(agent('juno'), leave('juno')).events, [{ type: 'conversation.deleted' }]);
});
