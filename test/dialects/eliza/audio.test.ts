/**
 * Speech by the official client and over plain HTTP, with the engines of this machine. Where it cannot transcribe, what
 * its clients are told of that is what is tested.
 */
import t from 'tap';
import { openOfflineSpeech } from '../../../src/adapters/offline-speech/offline-speech.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { makeAgent, signUp } from '../../kit/clients/accounts.ts';
import { readWave, silence, wave } from '../../kit/sound.ts';
import { eliza, key, type Message, openOfficialClient, person } from './client/official-client.ts';

t.setTimeout(180_000);

const { client, url } = await openOfficialClient(t);
const offline = openOfflineSpeech({ path: process.env['PATH'] ?? '', logger: { error: () => {} } });
const mayHear = (await offline.engines()).missing.length === 0;
const sentence = 'Good morning. The weather is good today.';
const spoken = await offline.synthesize(sentence);
if (spoken instanceof Problem) throw new Error(spoken.message);
const recording = new Blob([Buffer.from(spoken.bytes)], { type: spoken.contentType });
const audio = `/api/audio/${eliza}`;
const asServer = { 'x-api-key': key };

async function post(path: string, body: object | FormData, headers: object = asServer) {
  const isForm = body instanceof FormData;
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    body: isForm ? body : JSON.stringify(body),
    headers: { ...headers, ...(isForm ? {} : { 'content-type': 'application/json' }) },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const type = answer.headers.get('content-type') ?? '';
  return {
    status: answer.status,
    type,
    bytes,
    body: type.includes('json') ? JSON.parse(bytes.toString()) : null,
  };
}

function formOf(file: Blob | null, fields: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== null) form.append('file', file, 'recording.wav');
  return form;
}

const missing = {
  status: 501,
  body: { error: { code: 'NOT_IMPLEMENTED', message: /install pocketsphinx/ } },
};

t.test('the official client has a text said', async (t) => {
  const said = await client.audio.generateSpeech<{ audio: string }>(eliza, { text: sentence, voice: 'any' });
  const { seconds, loudest } = readWave(Buffer.from(said.audio, 'base64'));
  t.ok(seconds > 1.5 && seconds < 6, `${seconds} s`);
  t.ok(loudest > 3_000);
});

t.test('every address says a text, as sound alone', async (t) => {
  for (const path of ['speech/generate', 'speech', 'audio-messages/synthesize', 'synthesize']) {
    const { status, type, bytes } = await post(`${audio}/${path}`, { text: 'Hello.' });
    t.same([status, type], [200, 'audio/wav'], path);
    t.ok(readWave(bytes).loudest > 1_000, path);
  }
});

t.test('every address hears a recording', async (t) => {
  if (!mayHear) {
    for (const path of ['transcriptions', 'transcribe'])
      t.match(await post(`${audio}/${path}`, formOf(recording)), missing, path);
    return;
  }
  const heard = await client.audio.transcribe<{ text: string }>(eliza, { audio: recording, format: 'wav' });
  t.match(heard.text, /weather|good|the/);
  const other = await post(`${audio}/transcribe`, formOf(recording));
  t.match(other, { status: 200, body: { success: true, data: { text: heard.text } } });
  const quiet = new Blob([wave(silence(1))], { type: 'audio/wav' });
  t.match((await post(`${audio}/transcriptions`, formOf(quiet))).body, { data: { text: '' } });
});

t.test('what is said to an agent is answered, and both stand in their channel', async (t) => {
  const room = person(20);
  for (const path of ['speech/conversation', 'conversation']) {
    const body = { text: 'I need a holiday.', roomId: room, entityId: person(1), userName: 'Ann' };
    const { status, type, bytes } = await post(`${audio}/${path}`, body);
    t.same([status, type], [200, 'audio/wav'], path);
    t.ok(readWave(bytes).seconds > 0.4, path);
  }
  const { messages } = await client.messaging.getChannelMessages<{ messages: Message[] }>(room);
  t.equal(messages.length, 4);
  t.equal(messages.filter(({ authorId }) => authorId === eliza).length, 2);
  const asked = messages.find(({ authorId }) => authorId === person(1));
  t.match(asked, { content: 'I need a holiday.', metadata: { user_display_name: 'Ann' } });
  const again = await post(`${audio}/conversation`, { text: 'And I am tired.' });
  t.equal(again.status, 200, 'without a channel there is one for the two');
});

t.test('a recording is understood, said to the agent, and answered', async (t) => {
  if (!mayHear) {
    for (const path of ['audio-messages', 'message', 'speech/conversation', 'speech'])
      t.match(await post(`${audio}/${path}`, formOf(recording)), missing, path);
    return;
  }
  const { status, body } = await post(`${audio}/message`, formOf(recording, { entityId: person(2) }));
  t.equal(status, 200);
  t.match(body.data, { transcription: /weather|good|the/, message: /\w/ });
  type Answered = { text: string; audio: string; metadata: { transcription: string } };
  for (const answered of [
    await client.audio.speechConversation<Answered>(eliza, { audio: recording }),
    await client.audio.processSpeech<Answered>(eliza, recording, { any: 'thing' }),
  ]) {
    t.match(answered, { text: /\w/, metadata: { transcription: /weather|good|the/ } });
    t.ok(readWave(Buffer.from(answered.audio, 'base64')).seconds > 0.3);
  }
  const quiet = new Blob([wave(silence(1))], { type: 'audio/wav' });
  t.match(await post(`${audio}/speech/conversation`, formOf(quiet)), {
    status: 400,
    body: { error: { code: 'INVALID_REQUEST', message: 'Nothing was understood in the recording' } },
  });
});

t.test('a message is said, for who may read it', async (t) => {
  const room = person(21);
  await post(`${audio}/conversation`, { text: 'My name is Ann.', roomId: room, entityId: person(1) });
  const { messages } = await client.messaging.getChannelMessages<{ messages: Message[] }>(room);
  const messageId = messages.find(({ authorId }) => authorId === person(1))?.id;
  const said = await client.audio.synthesizeAudioMessage<{ audio: string; format: string }>(eliza, {
    messageId,
  });
  t.equal(said.format, 'wav');
  t.ok(readWave(Buffer.from(said.audio, 'base64')).seconds > 0.5);
  const stranger = await signUp({ url });
  const agent = await makeAgent({ url }, stranger);
  const asStranger = { authorization: `Bearer ${stranger.token}` };
  t.equal((await post(`${audio}/synthesize`, { messageId }, asStranger)).status, 404, 'another tenant');
  t.ok(agent.id !== eliza);
  const unknown = await post(`${audio}/synthesize`, { messageId: person(99) });
  t.match(unknown, { status: 404, body: { error: { code: 'NOT_FOUND', message: 'Message not found' } } });
});

t.test('an agent that is not there, or does not run, neither hears nor speaks', async (t) => {
  const owner = await signUp({ url });
  const outside = await makeAgent({ url }, owner);
  const asOwner = { authorization: `Bearer ${owner.token}` };
  const notFound = {
    status: 404,
    body: { success: false, error: { code: 'NOT_FOUND', message: 'Agent not found' } },
  };
  for (const path of ['speech/generate', 'synthesize', 'conversation', 'speech']) {
    t.match(await post(`/api/audio/${person(9)}/${path}`, { text: 'Hello.' }), notFound, path);
    t.match(await post(`/api/audio/${outside.id}/${path}`, { text: 'Hello.' }, asOwner), notFound, path);
    t.equal((await post(`${audio}/${path}`, { text: 'Hello.' }, asOwner)).status, 404, 'of another tenant');
    t.equal((await post(`${audio}/${path}`, { text: 'Hello.' }, {})).status, 401, path);
  }
  for (const path of ['transcriptions', 'audio-messages'])
    t.match(await post(`/api/audio/${person(9)}/${path}`, formOf(recording)), notFound, path);
  t.match(await post('/api/audio/x/transcribe', formOf(recording)), {
    body: { error: { code: 'INVALID_ID' } },
  });
});

t.test('what cannot be said or heard is refused', async (t) => {
  const refused = async (path: string, body: object, status: number, code: string) =>
    t.match(
      await post(`${audio}/${path}`, body),
      { status, body: { success: false, error: { code } } },
      path,
    );
  for (const path of ['speech', 'conversation', 'synthesize'])
    await refused(path, {}, 400, 'INVALID_REQUEST');
  await refused('speech/generate', {}, 400, 'BAD_REQUEST');
  for (const path of ['speech', 'speech/generate', 'synthesize'])
    await refused(path, { text: '…' }, 400, 'INVALID_REQUEST');
  await refused('speech', { text: 'a'.repeat(limits.spokenCharsMax + 1) }, 413, 'TEXT_TOO_LONG');
  await refused('conversation', { text: ' ' }, 400, 'INVALID_REQUEST');
  await refused('conversation', { text: 'hello', roomId: 'x' }, 400, 'INVALID_REQUEST');
  for (const path of ['transcriptions', 'audio-messages', 'speech/conversation', 'speech']) {
    await refused(path, formOf(null), 400, 'INVALID_REQUEST');
    await refused(path, formOf(new Blob(['x'], { type: 'image/png' })), 400, 'INVALID_FILE_TYPE');
    if (mayHear)
      await refused(path, formOf(new Blob(['noise'], { type: 'audio/ogg' })), 400, 'INVALID_REQUEST');
  }
  const large = new Blob([new Uint8Array(limits.uploadedFileBytesMax + 1)], { type: 'audio/wav' });
  await refused('transcriptions', formOf(large), 413, 'FILE_TOO_LARGE');
  const broken = await fetch(`${url}${audio}/speech`, {
    ...{ method: 'POST', body: '{', headers: { ...asServer, 'content-type': 'application/json' } },
  });
  t.match([broken.status, await broken.json()], [400, { success: false, error: { code: 400 } }]);
});
