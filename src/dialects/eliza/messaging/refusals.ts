/** What routes of this group answer, and may refuse, for their declarations. */
import { type TSchema, Type } from '@sinclair/typebox';
import type { Reply } from '../../../contract/operation.ts';
import { refusalsOf } from '../../../contract/refusals.ts';
import { TextError } from '../wire.ts';

export const errors = refusalsOf(TextError, {
  400: 'Something is missing or has the wrong form',
  401: 'No valid credential',
  403: 'Not allowed: another author, or a message server that the channel does not belong to',
  404: 'No such thing, or not for the caller',
  409: 'Refused in the present state, or an id that was used for something else',
  413: 'Larger than what is accepted',
  429: 'Too many; see Retry-After',
  503: 'A server is away or too busy; see Retry-After',
});

export function successOf<Data extends TSchema>(data: Data) {
  return Type.Object({ success: Type.Literal(true), data });
}

export function succeeded(data: unknown, status = 200): Reply {
  return { status, body: { success: true, data } };
}
