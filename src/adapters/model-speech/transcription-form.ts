import { randomBytes } from 'node:crypto';
import type { Recording } from '../../ports/agents/speech.ts';
import type { BytePieces } from '../../ports/media.ts';

/** A body whose length is known before it is read. */
export interface FormBody {
  readonly contentType: string;
  readonly lengthBytes: number;
  pieces(): BytePieces;
}

/** Names of files by which such endpoints tell formats. */
const endings: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/ogg': 'ogg',
  'audio/webm': 'webm',
  'audio/mp4': 'mp4',
  'audio/x-m4a': 'm4a',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
};

/** The form of `/audio/transcriptions`. Nothing of it is a name from outside. */
export function transcriptionForm(
  { contentType, sizeBytes, ...recording }: Recording,
  model: string,
): FormBody {
  const boundary = `parley-${randomBytes(16).toString('hex')}`;
  const part = (disposition: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n`;
  const name = `recording.${endings[contentType] ?? 'wav'}`;
  const before = Buffer.from(
    `${part('name="model"')}\r\n${model}\r\n` +
      `${part('name="response_format"')}\r\njson\r\n` +
      `${part(`name="file"; filename="${name}"`)}content-type: ${contentType}\r\n\r\n`,
  );
  const after = Buffer.from(`\r\n--${boundary}--\r\n`);
  async function* pieces() {
    yield before;
    yield* recording.pieces();
    yield after;
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    lengthBytes: before.length + sizeBytes + after.length,
    pieces,
  };
}
