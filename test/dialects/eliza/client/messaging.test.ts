/** The official client, every method of its `messaging`. */
import t from 'tap';
import { type Channel, eliza, type Message, openOfficialClient, person } from './official-client.ts';

t.setTimeout(120_000);

const { client, uncalled } = await openOfficialClient(t);
const { messaging } = client;
const nobody = '00000000-0000-4000-8000-00000000dead';
const { messageServerId: usual } = await messaging.getCurrentMessageServer<{ messageServerId: string }>();

const sorted = (ids: readonly string[]): readonly string[] => [...ids].sort();
const group = (name: string, participantIds: readonly string[] = [person(1), person(2)]): Promise<Channel> =>
  messaging.createGroupChannel<Channel>({ name, participantIds });
const participants = async (channel: string): Promise<readonly string[]> =>
  sorted(await messaging.getChannelParticipants<readonly string[]>(channel));
const messagesOf = async (channel: string, params?: object): Promise<readonly Message[]> =>
  (await messaging.getChannelMessages<{ messages: readonly Message[] }>(channel, params)).messages;

t.test('message servers are made, listed, synced and deleted', async (t) => {
  const { server } = await messaging.createMessageServer<{ server: { id: string } }>({
    ...{ name: 'harbour', sourceType: 'test', sourceId: 'h-1' },
    metadata: { description: 'where ships are' },
  });
  const { messageServers } = await messaging.listMessageServers<{
    messageServers: readonly { id: string }[];
  }>();
  const listed = messageServers.map(({ id }) => id);
  t.ok(listed.includes(usual) && listed.includes(server.id));
  t.same(await messaging.getMessageServerChannels(server.id), { channels: [] });
  const channels = [
    { name: 'north', type: 'GROUP', sourceId: 'n' },
    { name: 'south', type: 'GROUP', sourceId: 's' },
  ];
  for (let time = 0; time < 2; time += 1) {
    await messaging.syncMessageServerChannels(server.id, { channels });
    const { channels: synced } = await messaging.getMessageServerChannels<{ channels: readonly Channel[] }>(
      server.id,
    );
    t.same(sorted(synced.map(({ name }) => name)), ['north', 'south']);
  }
  await messaging.deleteMessageServer(server.id);
  t.same(await messaging.getMessageServerChannels(server.id), { channels: [] });
  const { messageServers: left } = await messaging.listMessageServers<{
    messageServers: readonly { id: string }[];
  }>();
  t.notOk(left.some(({ id }) => id === server.id));
});

t.test('a channel without participants is the caller’s', async (t) => {
  const made = await messaging.createChannel<Channel>({ name: 'mine', type: 'GROUP' });
  t.match(made, { name: 'mine', type: 'GROUP', messageServerId: usual });
  t.equal((await participants(made.id)).length, 1);
});

t.test('a group channel keeps its metadata, and is found', async (t) => {
  const made = await messaging.createGroupChannel<Channel>({
    ...{ name: 'ships', participantIds: [person(1), person(2)] },
    metadata: { message_server_id: usual, type: 'GROUP', about: 'ships' },
  });
  t.match(await messaging.getChannelDetails(made.id), {
    ...{ id: made.id, name: 'ships', type: 'GROUP', messageServerId: usual },
    metadata: { about: 'ships' },
    createdAt: /^\d{4}-\d\d-\d\dT/,
  });
  t.same(await participants(made.id), [person(1), person(2)]);
  const { channels } = await messaging.getMessageServerChannels<{ channels: readonly Channel[] }>(usual);
  t.ok(channels.some(({ id }) => id === made.id));
  await messaging.updateChannel(made.id, { name: 'boats' });
  t.match(await messaging.getChannelDetails(made.id), { name: 'boats' });
});

t.test('people are added and removed one by one, and nobody else goes', async (t) => {
  const { id } = await group('people');
  await messaging.addUserToChannel(id, person(3));
  t.same(await participants(id), [person(1), person(2), person(3)]);
  await messaging.addUsersToChannel(id, [person(3), person(4), person(5)]);
  t.same(await participants(id), [person(1), person(2), person(3), person(4), person(5)]);
  await messaging.removeUserFromChannel(id, person(2));
  t.same(await participants(id), [person(1), person(3), person(4), person(5)]);
  t.match(await messaging.addAgentToChannel(id, eliza), { channelId: id, agentId: eliza });
  t.ok((await participants(id)).includes(eliza));
  await messaging.removeAgentFromChannel(id, eliza);
  t.same(await participants(id), [person(1), person(3), person(4), person(5)]);
  await t.rejects(messaging.removeAgentFromChannel(id, eliza), { name: 'ApiError', status: 404 });
});

t.test('two people have one direct channel', async (t) => {
  const [first, again] = await Promise.all([
    messaging.getOrCreateDmChannel<Channel>({ participantIds: [person(7), person(6)] }),
    messaging.getOrCreateDmChannel<Channel>({ participantIds: [person(6), person(7)] }),
  ]);
  t.match(first, {
    ...{ type: 'DM', name: `DM-${person(6)}-${person(7)}` },
    metadata: { user1: person(6), user2: person(7) },
  });
  t.equal(again.id, first.id);
});

t.test('messages are posted, read page by page, found, edited and deleted', async (t) => {
  const { id: channel } = await group('talk');
  for (const text of ['one lantern', 'two lanterns', 'three lanterns']) {
    await messaging.postMessage(channel, text, { tag: text.length });
  }
  const newest = await messagesOf(channel, { limit: 2 });
  t.match(newest, [
    { content: 'three lanterns', channelId: channel, metadata: { tag: 14 } },
    { content: 'two lanterns', channelId: channel, metadata: { tag: 12 } },
  ]);
  const rest = await messagesOf(channel, { limit: 2, before: newest[1]!.createdAt });
  t.match(rest, [{ content: 'one lantern' }]);
  t.equal(rest.length, 1);
  const { id, authorId } = rest[0]!;
  t.match(await messaging.getMessage(id), { id, authorId, content: 'one lantern', channelId: channel });
  t.match(await messaging.updateMessage(id, 'one red lantern'), { id, content: 'one red lantern' });
  t.match(await messaging.getMessage(id), { content: 'one red lantern' });
  const found = await messaging.searchMessages<{ messages: readonly Message[] }>({
    ...{ query: 'lanterns', channelId: channel },
  });
  t.same(sorted(found.messages.map(({ content }) => content)), ['three lanterns', 'two lanterns']);
  t.same(await messaging.deleteMessage(channel, id), { success: true });
  await t.rejects(messaging.getMessage(id), { name: 'ApiError', status: 404 });
  t.same(await messaging.clearChannelHistory(channel), { success: true });
  t.same(await messagesOf(channel), []);
});

t.test('agents submit in the words of the client, and other platforms too', async (t) => {
  const { id: channelId } = await group('outside', [person(1), eliza]);
  await messaging.submitMessage({
    agentId: eliza,
    channelId,
    content: 'an answer',
    metadata: { thought: 'hm' },
  });
  t.match(await messagesOf(channelId), [
    { authorId: eliza, content: 'an answer', metadata: { thought: 'hm' } },
  ]);
  const messages = [
    { id: 'out-1', authorId: person(8), content: 'from outside', timestamp: 1_760_000_000_000 },
    { id: 'out-2', authorId: person(8), content: 'and again', timestamp: 1_760_000_001_000 },
  ];
  await messaging.ingestExternalMessages({ platform: 'post', channelId, messages });
  const texts = (await messagesOf(channelId)).map(({ content }) => content);
  t.ok(texts.includes('from outside') && texts.includes('and again'));
});

t.test('a channel is given a title when there is enough to say', async (t) => {
  const { id } = await group('untitled', [person(1), eliza]);
  t.match(await messaging.generateChannelTitle(id, eliza), { title: null, channelId: id, reason: String });
  for (const content of ['ships', 'that sail', 'to the north', 'in winter', 'at night']) {
    await messaging.submitMessage({ agentId: eliza, channelId: id, content });
  }
  t.match(await messaging.generateChannelTitle(id, eliza), { title: /./, channelId: id });
  const [{ id: messageId }] = (await messagesOf(id)) as [Message];
  t.match(await messaging.completeMessage({ messageId, status: 'completed' }), { success: true });
  const unknown = messaging.completeMessage({ messageId: nobody, status: 'completed' });
  await t.rejects(unknown, { name: 'ApiError', status: 404 });
});

t.test('a deleted channel is gone, and what is unknown is not found', async (t) => {
  const { id } = await group('gone');
  t.same(await messaging.deleteChannel(id), { success: true });
  await t.rejects(messaging.getChannelDetails(id), { name: 'ApiError', status: 404 });
  await t.rejects(messaging.getChannelDetails(nobody), { name: 'ApiError', status: 404 });
  await t.rejects(messaging.getChannelDetails('no-uuid'), { name: 'ApiError', status: 400 });
  await t.rejects(messaging.postMessage(id, ''), { name: 'ApiError', status: 400 });
});

t.test('every method was called', async (t) => {
  t.same(uncalled('messaging'), []);
});
