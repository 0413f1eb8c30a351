/** The route by which a bridge finds the conversation of a chat, over a whole node. */
import t from 'tap';
import { makeAgent, makeService, signUpInto } from '../../../kit/clients/accounts.ts';
import { refused, startAdministrators } from './administrators.ts';

t.setTimeout(120_000);
const { node, ada, ben, zoe, ask, get, create } = await startAdministrators(t);
const bridge = await makeService(node, ada);
const bound = await makeService(node, ada, { service_id: 'bridge' });
const robot = await makeAgent(node, ada);
const cleo = await signUpInto(node, ada, 'cleo');
const service = { 'x-service-id': 'bridge' };

const find = (who: { token: string }, chatId: string, headers: object = service, connectionId = 'c-1') =>
  get(
    who,
    `/api/internal/conversations/by-channel?channelType=telegram&connectionId=${connectionId}&chatId=${encodeURIComponent(chatId)}`,
    headers as Record<string, string>,
  );
const channel = (chatId: unknown) => ({
  metadata: { channel: { type: 'telegram', connectionId: 'c-1', chatId } },
});

t.test('a chat is found by type, connection and chat, in the own tenant alone', async (t) => {
  const id = await create(ben, [], channel('chat 1'));
  await create(zoe, [], channel('chat 1'));
  for (const who of [bridge, bound, robot, ada, ben]) {
    const { status, body } = await find(who, 'chat 1');
    t.equal(status, 200);
    t.match(body, { conversationId: id, conversation: { id, org_id: ada.tenant, type: 'group' } });
  }
  t.not((await find(zoe, 'chat 1')).body.conversationId, id);
  const nothing = { status: 200, body: { conversationId: null } };
  t.match(await find(cleo, 'chat 1'), nothing, 'a person finds what it may read');
  t.match(await find(bridge, 'chat'), nothing);
  t.match(await find(bridge, 'chat 1', service, 'c-2'), nothing);
  t.match(await find(bridge, 'chat 1', { ...service, 'x-env': 'prod' }), nothing);
});

t.test(
  'the newest of several counts, numbers are their digits, and metadata may be of any shape',
  async (t) => {
    await create(ben, [], channel(42));
    const newer = await create(ben, [], channel('42'));
    await create(ben, [], channel('x'.repeat(12_000)));
    for (const metadata of [
      { channel: 'x' },
      { channel: [1] },
      { channel: null },
      { channel: { type: 1 } },
    ]) {
      await create(ben, [], { metadata });
    }
    t.equal((await find(bridge, '42')).body.conversationId, newer);
    t.equal((await find(bridge, 'x'.repeat(8_000))).body.conversationId, null);
  },
);

t.test('it follows the metadata, the deletion, and the service of a conversation', async (t) => {
  const id = await create(ben, [], channel('moving'));
  await ask(ben, 'PATCH', `/api/conversations/${id}`, channel('moved'));
  t.equal((await find(bridge, 'moving')).body.conversationId, null);
  t.equal((await find(bridge, 'moved')).body.conversationId, id);
  await ask(ben, 'DELETE', `/api/conversations/${id}`);
  t.equal((await find(bridge, 'moved')).body.conversationId, null);
  const other = await create(ben, [], channel('of other'), { 'x-service-id': 'other' });
  t.equal((await find(bridge, 'of other')).body.conversationId, null);
  t.equal((await find(bridge, 'of other', { 'x-service-id': 'other' })).body.conversationId, other);
  t.equal((await find(bound, 'of other', { 'x-service-id': 'other' })).body.conversationId, null);
});

t.test('what is sealed is not found', async (t) => {
  await create(ben, [], channel('sealed'), { 'x-data-class': 'phi' });
  t.equal((await find(bridge, 'sealed')).body.conversationId, null);
});

t.test('a credential, a service and all three parameters are needed', async (t) => {
  t.match(await find({ token: '' }, 'chat 1'), refused(401, 'Authentication required'));
  t.match(await find(bridge, 'chat 1', {}), refused(401, 'Authentication required'));
  const path = '/api/internal/conversations/by-channel?channelType=telegram&connectionId=c-1';
  t.match(await get(bridge, path, service), refused(400, 'chatId is required'));
  t.equal((await find(bridge, '', service)).status, 400);
  t.match(await get(bridge, '/api/internal/nothing', service), { status: 404 });
});

t.test('a bridge speaks for the person that it names', async (t) => {
  const id = await create(ben, [], channel('as ben'));
  const { body } = await find(bridge, 'as ben', { ...service, 'x-as-user-id': ben.id });
  t.equal(body.conversationId, id);
});
