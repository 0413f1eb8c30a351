/**
 * Over the real engines of this machine. The synthesiser comes with the project; where PocketSphinx or FFmpeg are not
 * installed, what transcription says of that is what is tested.
 */
import { chmod, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { findProgram } from '../../../src/adapters/offline-speech/find-program.ts';
import { openOfflineSpeech } from '../../../src/adapters/offline-speech/offline-speech.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Recording, SpokenAudio } from '../../../src/ports/agents/speech.ts';
import type { BytePieces } from '../../../src/ports/media.ts';
import { readWave, silence, wave } from '../../kit/sound.ts';
import { type Teardown, temporaryDir } from '../../kit/temporary.ts';

const work = await temporaryDir('work');
process.env['TMPDIR'] = work.path;
t.teardown(work.remove);
const path = process.env['PATH'] ?? '';
const logger = { error: () => {} };
const speech = openOfflineSpeech({ path, logger });
const bare = openOfflineSpeech({ path: '', logger });
const sentence = 'Good morning. The weather is good today.';
const engines = await speech.engines();
const isWhole = engines.missing.length === 0;

function recording(bytes: Uint8Array, contentType = 'audio/wav'): Recording {
  return { contentType, sizeBytes: bytes.length, pieces: () => inPieces(bytes) };
}

async function* inPieces(bytes: Uint8Array): BytePieces & AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

t.test('a sentence becomes sound that is as long as it takes to say it', async (t) => {
  for (const [name, engine] of Object.entries({ 'what is installed': speech, 'our own': bare })) {
    const { contentType, bytes } = (await engine.synthesize(sentence)) as SpokenAudio;
    t.equal(contentType, 'audio/wav', name);
    const { seconds, loudest, rate } = readWave(bytes);
    t.ok(seconds > 1.5 && seconds < 6, `${name}: ${seconds} s`);
    t.ok(loudest > 3_000, `${name}: it can be heard`);
    t.ok(rate >= 8_000, name);
    const twice = (await engine.synthesize(`${sentence} ${sentence}`)) as SpokenAudio;
    t.ok(readWave(twice.bytes).seconds > seconds * 1.6, `${name}: twice as much to say takes twice as long`);
  }
});

t.test('what looks like an option, a phrase of markup or another script is only said', async (t) => {
  for (const text of [
    '--version -h',
    '<speak>hello</speak>',
    'Grüße an die Nachbarn',
    'one\u0000two\nthree',
  ]) {
    const { bytes } = (await bare.synthesize(text)) as SpokenAudio;
    t.ok(readWave(bytes).seconds > 0.4, text);
  }
});

t.test('what was said is understood again', { skip: !isWhole && 'no recogniser here' }, async (t) => {
  const { bytes } = (await speech.synthesize(sentence)) as SpokenAudio;
  const heard = await speech.transcribe(recording(bytes));
  // Flite is understood well; eSpeak speaks like a machine.
  t.match(heard, engines.synthesizer === 'flite' ? /good morning.*weather/ : /weather|good|the/);
  t.equal(await speech.transcribe(recording(wave(silence(2)))), '', 'silence has no words');
});

t.test('what cannot be heard is refused', { skip: !isWhole && 'no recogniser here' }, async (t) => {
  const noise = Buffer.from('this is a text and no sound at all'.repeat(100));
  t.match(await speech.transcribe(recording(noise)), { code: 'invalid_request' });
  const playlist = Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n');
  for (const type of ['audio/mpeg', 'audio/mp4', 'audio/ogg', 'audio/webm', 'audio/flac', 'audio/aac'])
    t.match(await speech.transcribe(recording(playlist, type)), { code: 'invalid_request' }, type);
  t.match(await speech.transcribe(recording(noise, 'text/plain')), { code: 'unsupported_media_type' });
  const long = wave(silence(limits.recordingSecMax + 5));
  t.match(await speech.transcribe(recording(long)), { code: 'too_large' });
});

t.test('without the programs a transcription names what is to be installed', async (t) => {
  t.match(await bare.transcribe(recording(wave(silence(1)))), {
    code: 'not_implemented',
    message: /install pocketsphinx pocketsphinx-en-us ffmpeg .*PARLEY_MODEL_URL/,
  });
  t.same((await bare.engines()).missing, ['pocketsphinx pocketsphinx-en-us', 'ffmpeg']);
});

t.test('so many speak at once, so many wait, and the rest are told', async (t) => {
  const crowd = limits.speechAtOnceMax + limits.speechWaitingMax + 3;
  const quick = await folderOf(t, { flite: '#!/bin/sh\nfor last; do :; done\nprintf sound > "$last"\n' });
  const busy = openOfflineSpeech({ path: quick, logger });
  const outcomes = await Promise.all(Array.from({ length: crowd }, () => busy.synthesize('hello')));
  t.equal(outcomes.filter((one) => 'bytes' in one).length, crowd - 3);
  t.match(outcomes.at(-1), { code: 'overloaded', overload: 'speech' });
  t.match(await busy.synthesize('hello'), { contentType: 'audio/wav' }, 'and there is room again');
});

t.test('an engine that fails or never ends is the end of one request alone', async (t) => {
  const broken = openOfflineSpeech({ path: await folderOf(t, { flite: '#!/bin/sh\nexit 3\n' }), logger });
  t.match(await broken.synthesize('hello'), { code: 'unavailable' });
  const stuck = openOfflineSpeech({
    path: await folderOf(t, { flite: '#!/bin/sh\nexec sleep 600\n' }),
    logger,
  });
  const waiting = stuck.synthesize('hello');
  stuck.close();
  t.match(await waiting, { code: 'unavailable' }, 'closing ends it');
});

t.test('nothing is left behind', async (t) => {
  t.same(await readdir(work.path), []);
});

/** A folder with programs of our own, and what a shell needs. */
async function folderOf(t: Teardown, programs: Record<string, string>): Promise<string> {
  const { path: folder, remove } = await temporaryDir('engines');
  t.teardown(remove);
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o755);
  }
  const sleep = await findProgram('sleep', path);
  if (sleep !== null) await symlink(sleep, join(folder, 'sleep'));
  return folder;
}
