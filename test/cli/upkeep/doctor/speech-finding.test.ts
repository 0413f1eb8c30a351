import t from 'tap';
import { checkSpeech } from '../../../../src/cli/upkeep/doctor/speech-finding.ts';
import { temporaryDir } from '../../../kit/temporary.ts';

t.test('engines are found, or what is to be installed', async (t) => {
  const bare = await temporaryDir('no-engines');
  t.teardown(bare.remove);
  const path = process.env['PATH'];
  t.teardown(() => {
    process.env['PATH'] = path;
  });
  process.env['PATH'] = bare.path;
  t.match(await checkSpeech({ modelUrl: null }), [
    { check: 'text to speech', status: 'ok', found: 'espeak-ng' },
    {
      check: 'transcription',
      status: 'warn',
      found: 'answered 501: not installed: pocketsphinx pocketsphinx-en-us ffmpeg',
      remedy: 'apt-get install pocketsphinx pocketsphinx-en-us ffmpeg, or set PARLEY_MODEL_URL',
    },
  ]);
  const [, asked] = await checkSpeech({ modelUrl: 'http://127.0.0.1:1/v1' });
  t.match(asked, { found: /^answered 501, where PARLEY_MODEL_URL has no audio/ });
});
