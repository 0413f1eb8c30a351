/** Typing and presence: told to those who share a conversation, over two nodes, and to nobody else. */
import t from 'tap';
import { limits } from '../../../../src/domain/limits.ts';
import { makeAgent, signUp, signUpInto } from '../../../kit/clients/accounts.ts';
import { NativeClient } from '../../../kit/clients/native-client.ts';
import { group, type SymbiaClient, symbia, symbiaClient } from '../../../kit/clients/symbia-client.ts';
import { until } from '../../../kit/log-entries.ts';
import { startTwoWholeNodes } from '../../../kit/servers/two-whole-nodes.ts';

const { one, two } = await startTwoWholeNodes(t);
const ann = await signUp(one, 'ann');
const bob = await signUpInto(one, ann, 'bob');
const eve = await signUpInto(one, ann, 'eve');
const stranger = await signUp(one, 'stranger');
const iris = await makeAgent(one, ann, 'iris');
const lone = await makeAgent(one, ann, 'lone');
const done = { success: true };

/** What a client was told of one person, by events of one name. */
const of = (client: SymbiaClient, name: string, { id }: { readonly id: string }) =>
  client.heard(name).filter((one) => one.userId === id);
/**
 * Somebody whom no other test knows: that a person of a former test is gone is told when the nodes have asked each
 * other, which may be in the middle of the next test.
 */
const somebody = (name: string) => signUpInto(one, ann, name);

t.test('typing is told to the others, ends when said so, by itself and with the connection', async (t) => {
  const id = await group(one, ann, bob.id);
  const [near, far] = [await symbiaClient(t, one, ann), await symbiaClient(t, two, bob)];
  const who = { conversationId: id, userId: ann.id, userType: 'user' };
  t.strictSame(await near.ask('typing:start', id), done);
  await until(() => far.heard('typing:started').length === 1);
  t.strictSame(far.heard('typing:started'), [who]);
  t.strictSame(await near.ask('typing:stop', id), done);
  await until(() => far.heard('typing:stopped').length === 1);
  t.strictSame(far.heard('typing:stopped'), [who]);
  near.socket.emit('typing:start', id);
  await until(() => far.heard('typing:stopped').length === 2);
  const startedMs = performance.now();
  near.socket.emit('typing:start', id);
  await until(() => far.heard('typing:started').length === 3);
  near.vanish();
  await until(() => far.heard('typing:stopped').length === 3);
  t.ok(performance.now() - startedMs < limits.typingMs, 'before it ends by itself');
  t.same(near.heard('typing:started'), [], 'not to oneself');
});

t.test('who connects is told of in each shared conversation, itself not', async (t) => {
  const cleo = await somebody('cleo');
  const ids = [await group(one, ann, cleo.id, iris.id), await group(one, ann, cleo.id)];
  const listener = await symbiaClient(t, one, ann);
  const far = await symbiaClient(t, two, cleo);
  const online = () => of(listener, 'participant:online', cleo);
  await until(() => online().length === ids.length);
  t.same(
    online()
      .map((one) => one.conversationId)
      .sort(),
    [...ids].sort(),
  );
  t.strictSame(online()[0], {
    conversationId: online()[0].conversationId,
    userId: cleo.id,
    userType: 'user',
  });
  t.same(of(far, 'participant:online', cleo), []);
  await symbiaClient(t, two, iris);
  const agent = { conversationId: ids[0], userId: iris.id, userType: 'agent', agentId: iris.id };
  await until(() => of(far, 'participant:online', iris).length > 0);
  t.strictSame(of(far, 'participant:online', iris), [agent]);
  t.same(of(listener, 'presence:changed', cleo), [], 'connecting is no status');
});

t.test(
  'a status is told once to each socket of those who share a conversation, and to nobody else',
  async (t) => {
    await symbia(one, ann, 'POST', '', { type: 'group', name: 'of eve', participants: [{ userId: eve.id }] });
    const dan = await somebody('dan');
    for (let n = 0; n < 3; n += 1) await group(one, ann, dan.id);
    // First: as long as she is there, nobody is told that she has left a former test.
    const near = await symbiaClient(t, one, ann);
    const far = [await symbiaClient(t, two, dan), await symbiaClient(t, one, dan)];
    const others = [await symbiaClient(t, two, eve), await symbiaClient(t, one, stranger)];
    const apart = await symbiaClient(t, two, lone);
    const mood = { mood: 'curious', until: [1, null] };
    for (const status of ['away', 'in the harbour', mood, null]) {
      t.strictSame(await near.ask('presence:update', status), done);
    }
    const ofAnn = (client: SymbiaClient) => of(client, 'presence:changed', ann);
    const changed = ['away', 'in the harbour', mood, null].map((status) => ({
      userId: ann.id,
      userType: 'user',
      status,
    }));
    for (const client of far) {
      await until(() => ofAnn(client).length === 4);
      t.strictSame(ofAnn(client), changed);
    }
    await until(() => ofAnn(others[0]!).length === 4);
    t.strictSame(await far[0]!.ask('presence:update', 'busy'), done);
    await until(() => of(near, 'presence:changed', dan).length > 0);
    t.same(of(others[0]!, 'presence:changed', dan), [], 'eve shares nothing with dan');
    t.same(others[1]!.all, [], 'nor does a foreign tenant');
    t.same(apart.all, [], 'who is in no conversation hears nothing');
  },
);

t.test('who announces itself is heard by everybody in that conversation, itself included', async (t) => {
  const [id, other] = [await group(one, ann, bob.id), await group(one, ann, bob.id)];
  const [far, near] = [await symbiaClient(t, two, bob), await symbiaClient(t, one, ann)];
  const who = { conversationId: id, userId: ann.id, userType: 'user' };
  const heard = (client: SymbiaClient, conversation = id) =>
    of(client, 'participant:online', ann).filter((one) => one.conversationId === conversation);
  await until(() => heard(far).length === 1 && heard(far, other).length === 1);
  t.strictSame(await near.ask('announce:presence', id), done);
  await until(() => heard(near).length === 1 && heard(far).length === 2);
  t.strictSame(heard(far).at(-1), who);
  t.same([heard(near, other).length, heard(far, other).length], [0, 1]);
});

t.test('who says goodbye with its last socket is offline at once, and told of once', async (t) => {
  const finn = await somebody('finn');
  const ids = [await group(one, ann, finn.id), await group(one, ann, finn.id)];
  const listener = await symbiaClient(t, one, ann);
  const [first, second] = [await symbiaClient(t, two, finn), await symbiaClient(t, one, finn)];
  const offline = () => of(listener, 'participant:offline', finn);
  await until(() => of(listener, 'participant:online', finn).length === 2 * ids.length);
  first.leave();
  t.strictSame(await second.ask('presence:update', 'still here'), done);
  await until(() => of(listener, 'presence:changed', finn).some((one) => one.status === 'still here'));
  t.same(offline(), [], 'another socket of it is open, on another node');
  const leftMs = performance.now();
  second.leave();
  await until(() => offline().length === ids.length);
  t.ok(performance.now() - leftMs < limits.presenceOfflineMs, 'not ten seconds later');
  const status = of(listener, 'presence:changed', finn).filter((one) => one.status === 'offline');
  t.strictSame(status, [{ userId: finn.id, userType: 'user', status: 'offline' }]);
});

t.test('whose connection is lost is offline ten seconds later, unless it comes back', async (t) => {
  const [gina, hugo] = [await somebody('gina'), await somebody('hugo')];
  await group(one, ann, gina.id, hugo.id);
  const listener = await symbiaClient(t, one, ann);
  const [lost, back] = [await symbiaClient(t, two, gina), await symbiaClient(t, two, hugo)];
  const startedMs = performance.now();
  lost.vanish();
  back.vanish();
  await symbiaClient(t, one, hugo);
  await until(() => of(listener, 'participant:offline', gina).length > 0, 45_000);
  t.ok(performance.now() - startedMs > 9_000);
  t.same(of(listener, 'participant:offline', hugo), []);
});

t.test('statuses are told between this API and the native one', async (t) => {
  const ivan = await somebody('ivan');
  const id = await group(one, ann, ivan.id);
  const near = await symbiaClient(t, one, ann);
  const native = await NativeClient.connect(two, ivan.token);
  t.teardown(() => native.socket.close());
  await native.ask('open', { conversation: id });
  await near.ask('presence:update', { mood: 'curious' });
  const { pulse } = await native.find((frame) => frame['pulse']?.kind === 'presence');
  t.strictSame(pulse, { kind: 'presence', conversation: id, from: ann.id, status: 'online' });
  native.send({ op: 'presence', status: 'busy', detail: 'in a call' });
  await until(() => of(near, 'presence:changed', ivan).length > 0);
  const busy = of(near, 'presence:changed', ivan);
  t.strictSame(busy, [{ userId: ivan.id, userType: 'user', status: 'busy' }]);
});
