/** What a schema cannot say about a message: lengths in code points, sizes in bytes, who may send what. */
import type { Static } from '@sinclair/typebox';
import { fieldProblem } from '../../../../contract/checking/field-errors.ts';
import type { PrincipalKind } from '../../../../domain/principal.ts';
import type { FieldError, Problem } from '../../../../domain/problem.ts';
import { isLonger } from '../../code-points.ts';
import type { EditMessageRequest, SendRequest } from '../wire.ts';

/** Code points of a text (vero.md §5). */
const textPointsMax = 10_000;
const metaBytesMax = 16_384;
const emojiBytesMax = 64;
/** Content types that are said by agents and services only. */
const ofAgents: ReadonlySet<string> = new Set(['system', 'task', 'result']);
const notEmoji = /[\s\p{Cc}]/u;

export function refuseSend(body: Static<typeof SendRequest>, sender: PrincipalKind): Problem | null {
  const { content_text: text = '', content_meta: meta, content_type: type, media_ids: media = [] } = body;
  const found = [textError(text, media.length > 0), metaError(meta)];
  if (sender === 'user' && type !== undefined && ofAgents.has(type)) {
    found.push({ path: 'content_type', reason: 'not_allowed' });
  }
  return refusalOf(found);
}

/** `hasMedia`: of the message that is edited. */
export function refuseEdit(body: Static<typeof EditMessageRequest>, hasMedia: boolean): Problem | null {
  return refusalOf([textError(body.content_text, hasMedia), metaError(body.content_meta)]);
}

/** 1-64 bytes, no white space, no control characters. */
export function refuseEmoji(emoji: string): Problem | null {
  const bytes = new TextEncoder().encode(emoji).length;
  if (bytes > emojiBytesMax)
    return fieldProblem([{ path: 'emoji', reason: 'too_long', limit: emojiBytesMax }]);
  return emoji === '' || notEmoji.test(emoji) ? fieldProblem([{ path: 'emoji', reason: 'format' }]) : null;
}

function textError(text: string, hasMedia: boolean): FieldError | null {
  const path = 'content_text';
  if (isLonger(text, textPointsMax)) return { path, reason: 'too_long', limit: textPointsMax };
  return text.trim() === '' && !hasMedia ? { path, reason: 'blank' } : null;
}

function metaError(meta: string | undefined): FieldError | null {
  const isOver =
    meta !== undefined &&
    meta.length * 3 > metaBytesMax &&
    new TextEncoder().encode(meta).length > metaBytesMax;
  return isOver ? { path: 'content_meta', reason: 'too_long', limit: metaBytesMax } : null;
}

function refusalOf(found: readonly (FieldError | null)[]): Problem | null {
  const wrong = found.filter((one) => one !== null);
  return wrong.length === 0 ? null : fieldProblem(wrong);
}
