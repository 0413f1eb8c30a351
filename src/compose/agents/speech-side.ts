/** Speech: of the configured endpoint, and of engines of this machine where that has none. */
import { openModelSpeech } from '../../adapters/model-speech/model-speech.ts';
import { openOfflineSpeech } from '../../adapters/offline-speech/offline-speech.ts';
import type { Config } from '../../config/config.ts';
import { openSpeech } from '../../core/speech/open-speech.ts';
import type { Speech } from '../../ports/agents/speech.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Releases } from '../releases.ts';

export type SpeechConfig = Pick<
  Config,
  'modelUrl' | 'modelKey' | 'speechModel' | 'speechVoice' | 'transcriptionModel'
>;

/** Starts nothing before it is asked. */
export function openSpeechSide(config: SpeechConfig, logger: Logger, releases: Releases): Speech {
  const { modelUrl: url, modelKey: key, speechModel, speechVoice: voice, transcriptionModel } = config;
  const offline = openOfflineSpeech({ path: process.env['PATH'] ?? '', logger });
  releases.add('speech', async () => offline.close());
  if (url === null) return openSpeech([offline]);
  const model = openModelSpeech({ url, key, speechModel, voice, transcriptionModel });
  releases.add('endpoint for speech', async () => model.close());
  return openSpeech([model, offline]);
}
