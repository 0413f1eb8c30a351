/** The rows of v2.md §2 with every key, and the words that its transcripts share. */

import type { Expected, Shape, Step } from '../../../kit/transcripts/step.ts';
import { anything, text, time, uuid } from '../../symbia/transcripts/shapes.ts';

type Fields = Readonly<Record<string, Shape>>;

/** One of Ada's named Harbour, where nothing else is said. */
export const conversation = (fields: Fields = {}): Fields => ({
  id: uuid,
  organization_id: '{ada.tenant}',
  created_by_user_id: '{ada}',
  subject: 'Harbour',
  entity_type: null,
  entity_id: null,
  status: 'active',
  created_at: time,
  updated_at: time,
  messages: [],
  ...fields,
});

/** One of Ada's in the harbour. */
export const message = (fields: Fields = {}): Fields => ({
  id: uuid,
  conversation_id: '{harbour}',
  sender_user_id: '{ada}',
  body: 'hello',
  is_read: false,
  created_at: time,
  ...fields,
});

export const refused = (status: number, detail: Shape): Expected => ({ status, body: { detail } });
export const noConversation = refused(404, 'Conversation not found');
export const notAuthenticated = refused(401, 'Not authenticated');

/** One wrong field; a suite asserts type and loc, never the whole sentence (v2.md §2). */
export const entry = (type: string, loc: readonly (string | number)[], more: Fields = {}): Fields => ({
  ...{ type, loc, msg: text, input: anything, ...more },
});
export const invalid = (...detail: readonly Shape[]): Expected => ({ status: 422, body: { detail } });

/** The first step of most transcripts: Ada's conversation, kept as `harbour`. */
export function harbour(...members: readonly string[]): Step {
  return {
    name: 'Ada makes a conversation',
    as: 'ada',
    request: 'POST /api/v2/conversations',
    body: { organization_id: '{ada.tenant}', subject: 'Harbour', participant_user_ids: [...members] },
    expect: { status: 201, body: conversation() },
    keep: { harbour: 'id', 'harbour.updated': 'updated_at' },
  };
}

/** Somebody posts in the harbour; kept under `keep`. */
export function post(as: string, body: string, keep = 'message'): Step {
  return {
    name: `${as} posts`,
    as,
    request: 'POST /api/v2/conversations/{harbour}/messages',
    body: { body },
    expect: { status: 201, body: message({ body, sender_user_id: `{${as}}` }) },
    keep: { [keep]: 'id' },
  };
}
