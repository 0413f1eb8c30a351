/** The cursor of a list: base64url of `[updated_us, conversation_id]` of the last row shown. */
import { Problem } from '../../../../../domain/problem.ts';

export interface ListCursor {
  readonly updatedUs: number;
  readonly conversation: string;
}

export function encodeCursor(updatedUs: number, conversation: string): string {
  return Buffer.from(JSON.stringify([updatedUs, conversation]), 'utf8').toString('base64url');
}

export function decodeCursor(text: string): ListCursor | Problem {
  const parsed = parse(Buffer.from(text, 'base64url').toString('utf8'));
  const [updatedUs, conversation] = Array.isArray(parsed) ? parsed : [];
  if (typeof conversation !== 'string' || conversation.includes('\u0000')) return malformed();
  if (!Number.isSafeInteger(updatedUs)) return malformed();
  return { updatedUs, conversation };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function malformed(): Problem {
  return new Problem('invalid_request', 'The cursor is not one of ours.', {
    reason: 'malformed_cursor',
    fields: [{ path: 'cursor', reason: 'malformed' }],
  });
}
