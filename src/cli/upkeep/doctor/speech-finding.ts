/** Which engines for speech are installed? For `parley doctor`. */
import { openOfflineSpeech } from '../../../adapters/offline-speech/offline-speech.ts';
import type { Config } from '../../../config/config.ts';
import { quietLogger } from '../../quiet-logger.ts';
import type { Finding } from './finding.ts';

export async function checkSpeech({ modelUrl }: Pick<Config, 'modelUrl'>): Promise<readonly Finding[]> {
  const path = process.env['PATH'] ?? '';
  const { synthesizer, missing } = await openOfflineSpeech({ path, logger: quietLogger }).engines();
  const asked = modelUrl === null ? '' : ', where PARLEY_MODEL_URL has no audio';
  const speaks: Finding = { check: 'text to speech', status: 'ok', found: `${synthesizer}${asked}` };
  const check = 'transcription';
  if (missing.length === 0) return [speaks, { check, status: 'ok', found: `pocketsphinx, ffmpeg${asked}` }];
  const found = `answered 501${asked}: not installed: ${missing.join(' ')}`;
  const remedy = `apt-get install ${missing.join(' ')}, or set PARLEY_MODEL_URL`;
  return [speaks, { check, status: 'warn', found, remedy }];
}
