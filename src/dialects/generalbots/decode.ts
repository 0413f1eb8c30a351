/** Bodies and parameters -> commands and ranges; refuses what a schema cannot say. */
import type { Static } from '@sinclair/typebox';
import { fieldProblem } from '../../contract/checking/field-errors.ts';
import { type PostCommand, plainPost } from '../../domain/command.ts';
import { limits } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import { type Micros, parseMicros } from '../../domain/time.ts';
import type { Attachment, HistoryQuery, MessageRequest } from './wire.ts';

/** Code points, without counting those of a text that is far too long. */
function isTooLong(text: string): boolean {
  if (text.length <= limits.chatMessageCharsMax) return false;
  return text.length > 2 * limits.chatMessageCharsMax || [...text].length > limits.chatMessageCharsMax;
}

function refuseText(path: string, text: string): Problem | null {
  if (text === '') return fieldProblem([{ path, reason: 'too_short', limit: 1 }]);
  if (!isTooLong(text)) return null;
  return fieldProblem([{ path, reason: 'too_long', limit: limits.chatMessageCharsMax }]);
}

/** A message is a text, or has attachments. */
export function refuseMessage({ content = '', attachments = [] }: MessageRequest): Problem | null {
  const index = attachments.findIndex(({ url }) => !isHttps(url));
  if (index >= 0) return fieldProblem([{ path: `attachments.${index}.url`, reason: 'format' }]);
  return content === '' && attachments.length > 0 ? null : refuseText('content', content);
}

function isHttps(url: string): boolean {
  return url.startsWith('https://') && URL.canParse(url);
}

/** Blanks are no greeting. */
export function refuseInitialMessage(text: string): Problem | null {
  return refuseText('initial_message', text.trim() === '' ? '' : text);
}

export interface Message {
  readonly content: string;
  readonly attachments: readonly Attachment[];
  readonly clientId: string | null;
}

/** `messageId` null: that of its event. */
export function postOf({ content, attachments, clientId }: Message, messageId: string | null): PostCommand {
  const known = attachments.map(({ url, type, filename, mime_type, size }) => ({
    url,
    ...(type === undefined ? {} : { type }),
    ...(filename === undefined ? {} : { filename }),
    ...(mime_type === undefined ? {} : { mime_type }),
    ...(size === undefined ? {} : { size }),
  }));
  return {
    ...plainPost(content),
    ...{ clientId, messageId, whileActive: true },
    metadata: known.length === 0 ? {} : { attachments: known },
  };
}

export interface TimeBounds {
  readonly after: Micros | null;
  readonly before: Micros | null;
}

export function decodeBounds({ after, before }: Static<typeof HistoryQuery>): TimeBounds | Problem {
  const [lower, upper] = [decodeTime(after), decodeTime(before)];
  if (lower === undefined) return fieldProblem([{ path: 'after', reason: 'format' }]);
  if (upper === undefined) return fieldProblem([{ path: 'before', reason: 'format' }]);
  return { after: lower, before: upper };
}

const withZone = /(?:Z|[+-]\d{2}:?\d{2})$/i;

/** Null: not given. Undefined: no time that has a zone. */
function decodeTime(text: string | undefined): Micros | null | undefined {
  if (text === undefined) return null;
  // A plus sign that nobody encoded is a blank in a query.
  const zoned = text.replace(/ (\d{2}:?\d{2})$/, '+$1');
  return withZone.test(zoned) ? (parseMicros(zoned) ?? undefined) : undefined;
}
