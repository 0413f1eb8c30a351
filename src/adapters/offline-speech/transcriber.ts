/** Speech to text: FFmpeg makes what PocketSphinx hears. Both are programs of the system. */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Recording } from '../../ports/agents/speech.ts';
import type { BytePieces } from '../../ports/media.ts';
import { inOwnFolder } from './own-folder.ts';
import { runProgram } from './run-program.ts';

export interface TranscriberPrograms {
  readonly ffmpeg: string;
  readonly pocketsphinx: string;
}

/** 16-bit samples of one channel: what its acoustic model was trained with. */
const samplesPerSec = 16_000;
const bytesPerSample = 2;

/**
 * What FFmpeg may read a recording as. It is told, and does not guess: among what it would guess are lists of other
 * files and addresses.
 */
const formats: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/wave': 'wav',
  'audio/x-wav': 'wav',
  'audio/vnd.wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/ogg': 'ogg',
  'audio/webm': 'matroska',
  'audio/mp4': 'mov',
  'audio/x-m4a': 'mov',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/x-flac': 'flac',
};

export function transcribe(
  recording: Recording,
  { ffmpeg, pocketsphinx }: TranscriberPrograms,
  signal: AbortSignal,
): Promise<string | Problem> {
  const format = formats[recording.contentType];
  if (format === undefined)
    return Promise.resolve(new Problem('unsupported_media_type', 'This is no kind of recording.'));
  return inOwnFolder(async (folder) => {
    const [source, sound] = [join(folder, 'recording'), join(folder, 'sound.raw')];
    const refused = await write(source, recording.pieces());
    if (refused !== null) return refused;
    const decoded = await runProgram({
      program: ffmpeg,
      arguments: decoding(format, source, sound),
      ...{ timeoutMs: limits.decodingMsMax, outputBytesMax: limits.transcriptBytesMax, signal },
    });
    const { size } = await stat(sound).catch(() => ({ size: 0 }));
    if (typeof decoded === 'string' || size === 0)
      return decoded === 'late' ? late() : new Problem('invalid_request', 'The file cannot be played.');
    if (size > limits.recordingSecMax * samplesPerSec * bytesPerSample)
      return new Problem('too_large', `A recording may last ${limits.recordingSecMax} seconds.`);
    return heard(
      await runProgram({
        program: pocketsphinx,
        arguments: ['-infile', sound, '-logfn', '/dev/null'],
        ...{ timeoutMs: limits.transcriptionMsMax, outputBytesMax: limits.transcriptBytesMax, signal },
      }),
    );
  });
}

/** A second more than is allowed: so that what is longer is seen to be. */
function decoding(format: string, source: string, sound: string): readonly string[] {
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-protocol_whitelist', 'file'],
    ...['-f', format, '-i', source, '-map', '0:a:0', '-t', String(limits.recordingSecMax + 1)],
    ...['-ac', '1', '-ar', String(samplesPerSec), '-f', 's16le', sound],
  ];
}

/** A line for each time that somebody spoke. */
function heard(said: Awaited<ReturnType<typeof runProgram>>): string | Problem {
  if (said === 'late') return late();
  if (typeof said === 'string') return new Problem('unavailable', 'The speech recogniser failed.');
  const lines = said.toString('utf8').split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

function late(): Problem {
  return new Problem('unavailable', 'The speech recogniser did not end in time.');
}

async function write(path: string, pieces: BytePieces): Promise<Problem | null> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const piece of pieces) {
      if (piece instanceof Problem) return piece;
      for (let at = 0; at < piece.length; )
        at += (await file.write(piece, at, piece.length - at)).bytesWritten;
    }
    return null;
  } finally {
    await file.close();
  }
}
