import t from 'tap';
import { openSpeech } from '../../../src/core/speech/open-speech.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Recording, Speech, SpokenAudio } from '../../../src/ports/agents/speech.ts';

const recording: Recording = { contentType: 'audio/wav', sizeBytes: 1, pieces: async function* () {} };

/** Answers with its name, or with what is given. */
function engine(name: string, problem: Problem | null, asked: string[]): Speech {
  const audio: SpokenAudio = { bytes: Buffer.from(name), contentType: 'audio/wav' };
  return {
    async synthesize(text) {
      asked.push(`${name}: ${text}`);
      return problem ?? audio;
    },
    async transcribe() {
      asked.push(`${name} listens`);
      return problem ?? name;
    },
  };
}

t.test('an engine that cannot leaves it to the next one, one that fails does not', async (t) => {
  const asked: string[] = [];
  const absent = new Problem('not_implemented', 'Install it.');
  const speech = openSpeech([engine('first', absent, asked), engine('second', null, asked)]);
  t.match(await speech.synthesize('hello'), { bytes: Buffer.from('second') });
  t.equal(await speech.transcribe(recording), 'second');
  t.same(asked, ['first: hello', 'second: hello', 'first listens', 'second listens']);
  const failing = openSpeech([engine('first', new Problem('unavailable'), []), engine('second', null, [])]);
  t.match(await failing.transcribe(recording), { code: 'unavailable' });
  const none = openSpeech([engine('first', new Problem('not_implemented'), []), engine('last', absent, [])]);
  t.match(await none.synthesize('hello'), { code: 'not_implemented', message: 'Install it.' });
});

t.test('what cannot be said or heard is refused before an engine is asked', async (t) => {
  const asked: string[] = [];
  const speech = openSpeech([engine('only', null, asked)]);
  for (const text of ['', ' \n', '…  !?', '🙂'])
    t.match(await speech.synthesize(text), { code: 'invalid_request' }, text);
  t.match(await speech.synthesize('a'.repeat(limits.spokenCharsMax + 1)), { code: 'too_large' });
  const huge = { ...recording, sizeBytes: limits.recordingBytesMax + 1 };
  t.match(await speech.transcribe(huge), { code: 'too_large' });
  t.same(asked, []);
  t.match(await speech.synthesize('a'.repeat(limits.spokenCharsMax)), { contentType: 'audio/wav' });
  t.match(await speech.synthesize('привет'), { contentType: 'audio/wav' }, 'in any script');
});
