/** The official client, every method of its `media` and `audio`. */
import t from 'tap';
import { openOfflineSpeech } from '../../../../src/adapters/offline-speech/offline-speech.ts';
import { type Channel, eliza, key, type Message, openOfficialClient, person } from './official-client.ts';

t.setTimeout(180_000);

const { client, url, uncalled } = await openOfficialClient(t);
const { media, audio, messaging } = client;
/** The programs that understand speech are the machine's: where they are missing, that is told. */
const offline = openOfflineSpeech({ path: process.env['PATH'] ?? '', logger: { error: () => {} } });
const mayHear = (await offline.engines()).missing.length === 0;
/** The least PNG: one grey pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

type Uploaded = { readonly url: string; readonly size: number };

t.test('uploaded media is read back with the key of its tenant', async (t) => {
  const file = new Blob([png], { type: 'image/png' });
  const { id: channel } = await messaging.createGroupChannel<Channel>({
    ...{ name: 'pictures', participantIds: [person(1), person(2)] },
  });
  const ofAgent = await media.uploadAgentMedia<Uploaded>(eliza, { file, filename: 'dot.png' });
  t.match(ofAgent, { type: 'image', originalName: 'dot.png', size: png.length, filename: /\.png$/ });
  const ofChannel = await media.uploadChannelMedia<Uploaded>(
    channel,
    new File([png], 'dot.png', { type: 'image/png' }),
  );
  t.match(ofChannel, { type: 'image/png', originalName: 'dot.png', size: png.length });
  for (const uploaded of [ofAgent, ofChannel]) {
    const read = await fetch(new URL(uploaded.url, url), { headers: { 'x-api-key': key } });
    t.equal(read.status, 200);
    t.same(Buffer.from(await read.arrayBuffer()), png);
  }
  const text = new Blob(['<html>'], { type: 'text/html' });
  await t.rejects(media.uploadAgentMedia(eliza, { file: text, filename: 'page.html' }), {
    name: 'ApiError',
    status: 400,
  });
});

t.test('a text becomes speech, and speech a text', async (t) => {
  const { audio: spoken } = await audio.generateSpeech<{ audio: string }>(eliza, { text: 'hello world' });
  const bytes = Buffer.from(spoken, 'base64');
  t.ok(bytes.length > 1_000);
  const file = new Blob([bytes], { type: 'audio/wav' });
  if (!mayHear) {
    const missing = { code: 'NOT_IMPLEMENTED', status: 501 };
    await t.rejects(audio.transcribe(eliza, { audio: file }), missing);
    await t.rejects(audio.processSpeech(eliza, file), missing);
    await t.rejects(audio.speechConversation(eliza, { audio: file }), missing);
    return;
  }
  t.match(await audio.transcribe(eliza, { audio: file }), { text: /hello/i });
  t.match(await audio.processSpeech(eliza, file), { text: /./ });
  t.match(await audio.speechConversation(eliza, { audio: file }), { text: /./ });
});

t.test('a message is spoken', async (t) => {
  const { id } = await messaging.createGroupChannel<Channel>({
    ...{ name: 'spoken', participantIds: [person(1), eliza] },
  });
  await messaging.submitMessage({ agentId: eliza, channelId: id, content: 'good morning' });
  const { messages } = await messaging.getChannelMessages<{ messages: readonly Message[] }>(id);
  await t.resolves(audio.synthesizeAudioMessage(eliza, { messageId: messages[0]!.id }));
});

t.test('every method was called', async (t) => {
  t.same(uncalled('media', 'audio'), []);
});
