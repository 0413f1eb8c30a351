/** The official client, every method of its `memory`. */
import t from 'tap';
import { until } from '../../../kit/log-entries.ts';
import { type Channel, eliza, openOfficialClient, person } from './official-client.ts';

t.setTimeout(120_000);

const { client, uncalled } = await openOfficialClient(t);
const { memory, messaging } = client;
const { messageServerId: usual } = await messaging.getCurrentMessageServer<{ messageServerId: string }>();

type Memory = { readonly id: string; readonly roomId: string; readonly content: { readonly text?: string } };
type Memories = { readonly memories: readonly Memory[] };

const memoriesOf = async (channel: string): Promise<readonly Memory[]> =>
  (await memory.getRoomMemories<Memories>(eliza, channel, { limit: 50 })).memories;

/** The id of a channel in which the agent has read and answered `text`. */
async function answered(text: string): Promise<string> {
  const { sessionId, channelId } = await client.sessions.createSession<{
    readonly sessionId: string;
    readonly channelId: string;
  }>({ agentId: eliza, userId: person(1) });
  await client.sessions.sendMessageSync(sessionId, { content: text });
  await until(async () => (await memoriesOf(channelId)).length >= 2);
  return channelId;
}

t.test('an agent remembers what was said in a room', async (t) => {
  const channel = await answered('remember the lantern');
  const remembered = await memoriesOf(channel);
  const said = remembered.find(({ content }) => content.text === 'remember the lantern');
  t.match(said, { id: String, roomId: String, agentId: eliza });
  const { id, roomId } = said!;
  t.match(await memory.getRoom(eliza, roomId), { id: roomId, agentId: eliza });
  const { rooms } = await memory.listAgentRooms<{ rooms: readonly { id: string }[] }>(eliza);
  t.ok(rooms.some((room) => room.id === roomId));
  const { memories: all } = await memory.getAgentMemories<Memories>(eliza, { channelId: channel });
  t.ok(all.some((one) => one.id === id));
  const { memories: internal } = await memory.getAgentInternalMemories<Memories>(eliza, channel, false);
  t.ok(internal.some((one) => one.id === id));
  t.match(await memory.updateMemory(eliza, id, { content: { text: 'remember the lamp' } }), { id });
  t.ok((await memoriesOf(channel)).some(({ content }) => content.text === 'remember the lamp'));
  t.match(await memory.updateAgentInternalMemory(eliza, id, { content: { text: 'a lamp' } }), { id });
  t.match(await memory.deleteMemory(eliza, id), { message: String });
  t.notOk((await memoriesOf(channel)).some((one) => one.id === id));
  const other = (await memoriesOf(channel))[0]!.id;
  t.match(await memory.deleteAgentInternalMemory(eliza, other), { message: String });
  t.same(await memory.clearRoomMemories(eliza, roomId), { success: true });
  t.same(await memoriesOf(channel), []);
});

t.test('memories of a room and of an agent are forgotten', async (t) => {
  const channel = await answered('the first thing');
  const { roomId } = (await memoriesOf(channel))[0]!;
  t.same(await memory.deleteAllAgentInternalMemories(eliza, roomId), { success: true });
  t.same(await memoriesOf(channel), []);
  const later = await answered('the second thing');
  t.match(await memory.clearAgentMemories(eliza), { deleted: Number, message: String });
  t.same(await memoriesOf(later), []);
});

t.test('a room is made by its name', async (t) => {
  const made = await memory.createRoom<{ id: string }>(eliza, { name: 'the attic', metadata: { floor: 3 } });
  t.match(made, { name: 'the attic', agentId: eliza, type: 'DM' });
  t.match(await memory.getRoom(eliza, made.id), { id: made.id, name: 'the attic' });
  await t.rejects(memory.createRoom(eliza, {}), { code: 'MISSING_PARAM', status: 400 });
  await t.rejects(memory.getRoom(eliza, person(9)), { code: 'NOT_FOUND', status: 404 });
});

t.test('the world of a message server comes and goes', async (t) => {
  const name = 'our world';
  t.match(await memory.createWorldFromMessageServer(usual, { agentIds: [eliza], name }), [
    { id: String, name, agentId: eliza },
  ]);
  await t.rejects(memory.createWorldFromMessageServer(usual, { messageServerId: usual, name }), {
    ...{ code: 'BAD_REQUEST', status: 400 },
  });
  t.same(await memory.clearWorldMemories(usual), { success: true });
  t.same(await memory.deleteWorld(usual), { success: true });
});

t.test('messages of a group are deleted by its name for them', async (t) => {
  const { id } = await messaging.createGroupChannel<Channel>({
    ...{ name: 'group', participantIds: [person(1), person(2)] },
  });
  for (const text of ['one', 'two', 'three']) await messaging.postMessage(id, text);
  const texts = async () =>
    (await messaging.getChannelMessages<{ messages: readonly { id: string; content: string }[] }>(id))
      .messages;
  const [newest] = await texts();
  t.same(await memory.deleteGroupMemory(id, newest?.id), { success: true });
  t.same(
    (await texts()).map(({ content }) => content),
    ['two', 'one'],
  );
  t.same(await memory.clearGroupChat(id), { success: true });
  t.same(await texts(), []);
});

t.test('every method was called', async (t) => {
  t.same(uncalled('memory'), []);
});
