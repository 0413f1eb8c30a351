/** Speech over several engines: the first one that can answers. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Speech } from '../../ports/agents/speech.ts';

/** Letters or digits of any script: what has none cannot be said. */
const words = /[\p{L}\p{N}]/u;

/** `engines`: at least one; `not_implemented` of one leaves it to the next. */
export function openSpeech(engines: readonly Speech[]): Speech {
  async function first<T>(ask: (engine: Speech) => Promise<T | Problem>): Promise<T | Problem> {
    let outcome: T | Problem = new Problem('not_implemented');
    for (const engine of engines) {
      outcome = await ask(engine);
      if (!(outcome instanceof Problem) || outcome.code !== 'not_implemented') break;
    }
    return outcome;
  }

  return {
    async synthesize(text) {
      if (text.length > limits.spokenCharsMax)
        return new Problem('too_large', `At most ${limits.spokenCharsMax} characters are spoken at once.`);
      if (!words.test(text)) return new Problem('invalid_request', 'There are no words in the text.');
      return first((engine) => engine.synthesize(text));
    },
    async transcribe(recording) {
      if (recording.sizeBytes > limits.recordingBytesMax)
        return new Problem('too_large', `A recording may have ${limits.recordingBytesMax} bytes.`);
      return first((engine) => engine.transcribe(recording));
    },
  };
}
