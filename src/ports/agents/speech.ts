/** Speech: words to sound, and the sound of words back to words. */
import type { Problem } from '../../domain/problem.ts';
import type { BytePieces } from '../media.ts';

export interface SpokenAudio {
  readonly bytes: Uint8Array;
  /** What the bytes are: a browser may play them. */
  readonly contentType: 'audio/wav' | 'audio/mpeg';
}

/** A file in which somebody speaks. */
export interface Recording {
  /** As declared, in lower case, without parameters. */
  readonly contentType: string;
  readonly sizeBytes: number;
  /** From its beginning; may be asked for again. */
  pieces(): BytePieces;
}

/** Both end in bounded time, and answer `overloaded` when too many wait, `not_implemented` without an engine. */
export interface Speech {
  /** At most limits.spokenCharsMax characters, or `too_large`; `invalid_request` for what has no words. */
  synthesize(text: string): Promise<SpokenAudio | Problem>;
  /**
   * What is said; '' when nothing was understood. `invalid_request` for what is no recording, `too_large` for one of
   * more than limits.recordingSecMax.
   */
  transcribe(recording: Recording): Promise<string | Problem>;
}
