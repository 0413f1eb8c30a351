/**
 * The Speech port without any other system: Flite or our own eSpeak NG speak, PocketSphinx understands English. The
 * engines are programs that run for one request each (ADR 0026).
 */
import { Problem } from '../../domain/problem.ts';
import type { Speech } from '../../ports/agents/speech.ts';
import type { Logger } from '../../ports/logger.ts';
import { findProgram } from './find-program.ts';
import { synthesize } from './synthesizer.ts';
import { transcribe } from './transcriber.ts';
import { openWorkLine } from './work-line.ts';

export interface OfflineSpeech extends Speech {
  /** Which engines are there now. */
  engines(): Promise<SpeechEngines>;
  /** Ends what is under way. */
  close(): void;
}

export interface SpeechEngines {
  readonly synthesizer: 'flite' | 'espeak-ng';
  /** Programs that transcription needs and that are missing, by their Debian packages. */
  readonly missing: readonly string[];
}

/** As in the environment: folders, with colons between them. */
export interface OfflineSpeechOptions {
  readonly path: string;
  readonly logger: Pick<Logger, 'error'>;
}

const packages = { pocketsphinx_continuous: 'pocketsphinx pocketsphinx-en-us', ffmpeg: 'ffmpeg' } as const;

/** Looks for programs when it is asked: what is installed meanwhile counts. */
export function openOfflineSpeech({ path, logger }: OfflineSpeechOptions): OfflineSpeech {
  const line = openWorkLine();
  const ending = new AbortController();

  /** A disk that is full or away: what the engines need is not there. */
  async function working<T>(work: () => Promise<T | Problem>): Promise<T | Problem> {
    try {
      return await line.run(work);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      logger.error({ code }, 'the directory of speech failed');
      return new Problem(code === 'ENOSPC' || code === 'EDQUOT' ? 'storage_full' : 'unavailable');
    }
  }

  return {
    async synthesize(text) {
      const flite = await findProgram('flite', path);
      return working(() => synthesize(text, flite, ending.signal));
    },
    async transcribe(recording) {
      const [pocketsphinx, ffmpeg] = await Promise.all([
        findProgram('pocketsphinx_continuous', path),
        findProgram('ffmpeg', path),
      ]);
      if (pocketsphinx === null || ffmpeg === null) return missingEngines(await missing(path));
      return working(() => transcribe(recording, { pocketsphinx, ffmpeg }, ending.signal));
    },
    async engines() {
      const flite = await findProgram('flite', path);
      return { synthesizer: flite === null ? 'espeak-ng' : 'flite', missing: await missing(path) };
    },
    close: () => ending.abort(),
  };
}

async function missing(path: string): Promise<readonly string[]> {
  const found = await Promise.all(
    Object.entries(packages).map(async ([name, one]) =>
      (await findProgram(name, path)) === null ? [one] : [],
    ),
  );
  return found.flat();
}

function missingEngines(names: readonly string[]): Problem {
  return new Problem(
    'not_implemented',
    `Transcription needs programs that are not installed here: install ${names.join(' ')} (Debian's names), or set PARLEY_MODEL_URL.`,
  );
}
