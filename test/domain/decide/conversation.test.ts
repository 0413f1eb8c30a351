import t from 'tap';
import { create, member, post } from '../../kit/memory/memory-commands.ts';
import { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { ada, ben, cleo, dora, harbour, refusal } from '../../kit/memory/memory-harbour.ts';
import { person } from '../../kit/memory/memory-principals.ts';

t.test('a creation is one event with all its first participants, the creator as owner', async (t) => {
  const c = new MemoryConversation();
  const participants = [member(ben, 'admin'), member(ada), member(cleo), member(ben)];
  const command = create({ participants, metadata: { a: 1 }, service: 'billing', env: 'prod' });
  const { events, state } = c.accept(ada, command);
  t.equal(events.length, 1);
  t.match(events[0], {
    type: 'conversation.created',
    position: 1,
    seq: null,
    data: { env: 'prod', service_id: 'billing', metadata: { a: 1 } },
  });
  t.same(
    [...state.participants.values()].map((one) => [one.id, one.role]),
    [
      ['ada', 'owner'],
      ['ben', 'admin'],
      ['cleo', 'member'],
    ],
  );
  t.match(state, { status: 'open', type: 'group', name: 'Harbour', createdBy: 'ada', service: 'billing' });
});

t.test('a conversation is created once', async (t) => {
  t.equal(refusal(harbour().decide(ada, create())), 'conflict');
  t.match(harbour().decide(cleo, create({ isUnique: true })), { kind: 'unchanged' });
  t.equal(refusal(harbour().decide(dora, create({ isUnique: true }))), 'conflict');
  const deleted = harbour();
  deleted.accept(ada, { op: 'conversation.delete' });
  t.equal(refusal(deleted.decide(ada, create({ isUnique: true }))), 'conflict');
});

t.test('a key that is bound to a service creates nothing in another one', async (t) => {
  const bound = { ...ada, service: 'billing' };
  const decideIn = (service: string | null) =>
    refusal(new MemoryConversation().decide(bound, create({ service })));
  t.equal(decideIn('billing'), 'ok');
  t.equal(decideIn('shipping'), 'other_service');
});

t.test('owner and admin update it, members do not', async (t) => {
  t.equal(refusal(harbour().decide(ada, { op: 'update', name: 'Port' })), 'ok');
  t.equal(refusal(harbour().decide(ben, { op: 'update', name: 'Port' })), 'ok');
  t.equal(refusal(harbour().decide(cleo, { op: 'update', name: 'Port' })), 'not_a_manager');
  t.equal(refusal(harbour().decide(dora, { op: 'update', name: 'Port' })), 'not_found');
});

t.test('an update changes what it names, clears with null and leaves the rest', async (t) => {
  const c = harbour({ description: 'boats', metadata: { a: 1 } });
  c.accept(ada, { op: 'update', name: null, metadata: { b: 2 } });
  t.match(c.state, { name: null, description: 'boats', metadata: { b: 2 } });
  t.equal((c.state.metadata as { a?: number }).a, undefined);
  t.match(c.handle(ada, { op: 'update' }), { decision: { kind: 'unchanged' } });
});

t.test('where members may, whoever takes part updates it, and nobody else', async (t) => {
  const asked = { op: 'update', stage: 'archived', membersMay: true } as const;
  for (const who of [ada, ben, cleo]) t.equal(refusal(harbour().decide(who, asked)), 'ok');
  t.equal(refusal(harbour().decide(dora, asked)), 'not_found');
});

t.test('it is active and about nothing, unless its creation says otherwise', async (t) => {
  t.match(harbour().state, { stage: 'active', entity: { type: null, id: null } });
  const plain = new MemoryConversation().accept(ada, create()).events[0];
  t.notOk('stage' in plain!.data || 'entity' in plain!.data, 'the event says only what is said');
  const entity = { type: 'work_order', id: '42' };
  t.match(harbour({ stage: 'closed', entity }).state, { stage: 'closed', entity });
});

t.test('its stage forbids nothing here, and stays when other fields change', async (t) => {
  const c = harbour({ entity: { type: 'lease', id: null } });
  c.accept(ada, { op: 'update', stage: 'archived' });
  c.accept(cleo, post('still here'));
  c.accept(ada, { op: 'update', name: 'Port' });
  t.match(c.state, { stage: 'archived', name: 'Port', entity: { type: 'lease', id: null } });
});

t.test('its fields know when they were set last: messages and members do not move that', async (t) => {
  const c = harbour();
  t.equal(c.state.changedAt, c.state.createdAt);
  c.tick(5);
  c.accept(cleo, post('hello'));
  c.accept(ada, { op: 'participant.add', participant: member(dora) });
  t.equal(c.state.changedAt, c.state.createdAt);
  const first = c.accept(ada, { op: 'update', stage: 'closed' }).state.changedAt;
  t.equal(first, c.state.at);
  const second = c.accept(ada, { op: 'update', stage: 'closed' }).state.changedAt;
  t.ok(first > c.state.createdAt && second > first, 'strictly increasing, also within one microsecond');
});

t.test('only an owner deletes it, or an administrator where the command says so', async (t) => {
  for (const who of [ben, cleo])
    t.equal(refusal(harbour().decide(who, { op: 'conversation.delete' })), 'not_an_owner');
  t.equal(refusal(harbour().decide(dora, { op: 'conversation.delete' })), 'not_found');
  const chief = person('dora', { role: 'admin' });
  t.equal(refusal(harbour().decide(chief, { op: 'conversation.delete' })), 'not_found');
  t.equal(refusal(harbour().decide(chief, { op: 'conversation.delete', asAdministrator: true })), 'ok');
});

t.test('a deleted conversation keeps only its numbers', async (t) => {
  const c = harbour();
  c.accept(ada, post('hello'));
  const { state } = c.accept(ada, { op: 'conversation.delete' });
  t.match(state, { status: 'deleted', position: 3, seq: 1, logSeq: 3, name: null, metadata: {} });
  t.equal(state.participants.size, 0);
  t.equal(refusal(c.decide(ada, { op: 'conversation.delete' })), 'not_found');
  t.equal(refusal(c.decide(ada, { op: 'update', name: 'x' })), 'not_found');
});

t.test('an environment that is not its own does not see it', async (t) => {
  const c = harbour({ env: 'stage' });
  t.equal(refusal(c.decide(ada, { op: 'update', name: 'x' }, c.context({ env: 'dev' }))), 'not_found');
  t.equal(refusal(c.decide(ada, { op: 'update', name: 'x' }, c.context({ env: 'stage' }))), 'ok');
});

t.test(
  'of two peers neither owns their conversation, and either may delete it where managers may',
  async (t) => {
    const peers = create({ type: 'private', participants: [member(ben)], creatorRole: 'member' });
    const c = new MemoryConversation();
    t.same(
      [...c.accept(ada, peers).state.participants.values()].map(({ role }) => role),
      ['member', 'member'],
    );
    for (const who of [ada, ben]) {
      t.equal(refusal(c.decide(who, { op: 'conversation.delete' })), 'not_an_owner');
      t.equal(refusal(c.decide(who, { op: 'conversation.delete', managersMay: true })), 'ok');
    }
  },
);

t.test(
  'where managers may delete, members of a group or of a private conversation of several may not',
  async (t) => {
    const asked = { op: 'conversation.delete', managersMay: true } as const;
    for (const type of ['group', 'private'] as const) {
      t.equal(refusal(harbour({ type }).decide(ben, asked)), 'ok');
      t.equal(refusal(harbour({ type }).decide(cleo, asked)), 'not_an_owner');
    }
  },
);
