/** Typing and presence: told to those who share a conversation, over two nodes, and to nobody else. */
import t from 'tap';
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
  await until(() => far.heard('typing:stopped').length === 2, 8_000);
  near.socket.emit('typing:start', id);
  await until(() => far.heard('typing:started').length === 3);
  near.vanish();
  await until(() => far.heard('typing:stopped').length === 3, 3_000);
  t.same(near.heard('typing:started'), [], 'not to oneself');
});

t.test('who connects is told of in each shared conversation, itself not', async (t) => {
  const ids = [await group(one, ann, bob.id, iris.id), await group(one, ann, bob.id)];
  const listener = await symbiaClient(t, one, ann);
  const far = await symbiaClient(t, two, bob);
  await until(() => listener.heard('participant:online').length >= 2);
  const heard = listener.heard('participant:online').filter((one) => ids.includes(one.conversationId));
  t.same(heard.map((one) => one.conversationId).sort(), [...ids].sort());
  t.strictSame(heard[0], { conversationId: heard[0].conversationId, userId: bob.id, userType: 'user' });
  t.same(far.heard('participant:online'), []);
  await symbiaClient(t, two, iris);
  const agent = { conversationId: ids[0], userId: iris.id, userType: 'agent', agentId: iris.id };
  await until(() => far.heard('participant:online').length === 1);
  t.strictSame(far.heard('participant:online'), [agent]);
  t.same(listener.heard('presence:changed'), [], 'connecting is no status');
  far.leave();
});

t.test(
  'a status is told once to each socket of those who share a conversation, and to nobody else',
  async (t) => {
    await symbia(one, ann, 'POST', '', { type: 'group', name: 'of eve', participants: [{ userId: eve.id }] });
    for (let n = 0; n < 3; n += 1) await group(one, ann, bob.id);
    const far = [await symbiaClient(t, two, bob), await symbiaClient(t, one, bob)];
    const others = [await symbiaClient(t, two, eve), await symbiaClient(t, one, stranger)];
    const near = await symbiaClient(t, one, ann);
    const apart = await symbiaClient(t, two, lone);
    const mood = { mood: 'curious', until: [1, null] };
    for (const status of ['away', 'in the harbour', mood, null]) {
      t.strictSame(await near.ask('presence:update', status), done);
    }
    const ofAnn = (client: SymbiaClient) =>
      client.heard('presence:changed').filter((one) => one.userId === ann.id);
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
    await until(() => near.heard('presence:changed').some((one) => one.userId === bob.id));
    const heard = others[0]!.heard('presence:changed');
    t.notOk(
      heard.some((one) => one.userId === bob.id),
      'eve shares nothing with bob',
    );
    t.same(others[1]!.all, [], 'nor does a foreign tenant');
    t.same(apart.all, [], 'who is in no conversation hears nothing');
  },
);

t.test('who announces itself is heard by everybody in that conversation, itself included', async (t) => {
  const [id, other] = [await group(one, ann, bob.id), await group(one, ann, bob.id)];
  const [near, far] = [await symbiaClient(t, one, ann), await symbiaClient(t, two, bob)];
  const before = far.heard('participant:online').length;
  t.strictSame(await near.ask('announce:presence', id), done);
  await until(() => near.heard('participant:online').some((one) => one.userId === ann.id));
  await until(() => far.heard('participant:online').length === before + 1);
  const who = { conversationId: id, userId: ann.id, userType: 'user' };
  t.strictSame(far.heard('participant:online').at(-1), who);
  t.notOk(
    near.heard('participant:online').some((one) => one.userId === ann.id && one.conversationId === other),
  );
});

t.test('who says goodbye with its last socket is offline at once, and told of once', async (t) => {
  const ids = [await group(one, ann, bob.id), await group(one, ann, bob.id)];
  const listener = await symbiaClient(t, one, ann);
  const [first, second] = [await symbiaClient(t, two, bob), await symbiaClient(t, one, bob)];
  const offline = (): unknown[] =>
    listener.heard('participant:offline').filter((one) => ids.includes(one.conversationId));
  await until(() => listener.heard('participant:online').length >= 4);
  const startedMs = performance.now();
  first.leave();
  t.strictSame(await second.ask('presence:update', 'still here'), done);
  await until(() => listener.heard('presence:changed').some((one) => one.status === 'still here'));
  t.same(offline(), [], 'another socket of it is open, on another node');
  second.leave();
  await until(() => offline().length === 2, 5_000);
  t.ok(performance.now() - startedMs < 8_000, 'not ten seconds later');
  const status = listener
    .heard('presence:changed')
    .filter((one) => one.status === 'offline' && one.userId === bob.id);
  t.strictSame(status, [{ userId: bob.id, userType: 'user', status: 'offline' }]);
});

t.test('whose connection is lost is offline ten seconds later, unless it comes back', async (t) => {
  const id = await group(one, ann, bob.id, eve.id);
  const listener = await symbiaClient(t, one, ann);
  const [lost, back] = [await symbiaClient(t, two, bob), await symbiaClient(t, two, eve)];
  const offline = (): string[] =>
    listener
      .heard('participant:offline')
      .filter((one) => one.conversationId === id)
      .map((one) => one.userId);
  const startedMs = performance.now();
  lost.vanish();
  back.vanish();
  await symbiaClient(t, one, eve);
  await until(() => offline().includes(bob.id), 20_000);
  t.ok(performance.now() - startedMs > 9_000);
  t.same(offline(), [bob.id]);
});

t.test('statuses are told between this API and the native one', async (t) => {
  const id = await group(one, ann, bob.id);
  const near = await symbiaClient(t, one, ann);
  const native = await NativeClient.connect(two, bob.token);
  t.teardown(() => native.socket.close());
  await native.ask('open', { conversation: id });
  await near.ask('presence:update', { mood: 'curious' });
  const { pulse } = await native.find((frame) => frame['pulse']?.kind === 'presence');
  t.strictSame(pulse, { kind: 'presence', conversation: id, from: ann.id, status: 'online' });
  native.send({ op: 'presence', status: 'busy', detail: 'in a call' });
  await until(() => near.heard('presence:changed').some((one) => one.status === 'busy'));
  const busy = near.heard('presence:changed').filter((one) => one.status === 'busy');
  t.strictSame(busy, [{ userId: bob.id, userType: 'user', status: 'busy' }]);
});
