/** Text to speech: Flite where it is installed, else the eSpeak NG that comes with us. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { SpokenAudio } from '../../ports/agents/speech.ts';
import { inOwnFolder } from './own-folder.ts';
import { type RunFault, runProgram } from './run-program.ts';

const espeakProgram = fileURLToPath(new URL('./espeak-program.js', import.meta.url));

/** `flite`: where that program is; null: it is not installed. */
export function synthesize(
  text: string,
  flite: string | null,
  signal: AbortSignal,
): Promise<SpokenAudio | Problem> {
  return inOwnFolder(async (folder) => {
    const words = join(folder, 'words.txt');
    await writeFile(words, `${spoken(text)}\n`, { mode: 0o600 });
    const made = flite === null ? await espeak(words, signal) : await withFlite(flite, folder, words, signal);
    if (typeof made !== 'string') return { bytes: made, contentType: 'audio/wav' };
    if (made === 'too_large') return new Problem('too_large', 'This takes too long to be said.');
    return new Problem('unavailable', 'The speech synthesiser failed.');
  });
}

/** Control characters are no words, and some engines end at them. */
function spoken(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

function espeak(words: string, signal: AbortSignal): Promise<Buffer | RunFault> {
  return runProgram({
    program: process.execPath,
    // Its heap is bounded too; the WebAssembly memory bounds itself.
    arguments: ['--max-old-space-size=256', espeakProgram, words],
    timeoutMs: limits.synthesisMsMax,
    outputBytesMax: limits.spokenBytesMax,
    signal,
  });
}

async function withFlite(
  program: string,
  folder: string,
  words: string,
  signal: AbortSignal,
): Promise<Buffer | RunFault> {
  const sound = join(folder, 'spoken.wav');
  const said = await runProgram({
    program,
    arguments: ['-voice', 'slt', '-f', words, '-o', sound],
    ...{ timeoutMs: limits.synthesisMsMax, outputBytesMax: limits.transcriptBytesMax, signal },
  });
  if (typeof said === 'string') return said;
  const { size } = await stat(sound).catch(() => ({ size: 0 }));
  if (size === 0) return 'failed';
  return size > limits.spokenBytesMax ? 'too_large' : readFile(sound);
}
