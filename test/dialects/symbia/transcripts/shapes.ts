/** The rows of contract §3 with every key, and the words that transcripts share. */
import type { Expected, Shape, Step } from '../../../kit/transcripts/step.ts';

export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Six fraction digits, UTC (common.md). */
export const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
export const text = (value: unknown): boolean => typeof value === 'string' && value !== '';
export const count = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
export const anything = (): boolean => true;

type Fields = Readonly<Record<string, Shape>>;

/** A group of Ada's named Harbour, where nothing else is said. */
export const conversation = (fields: Fields = {}): Fields => ({
  id: uuid,
  type: 'group',
  name: 'Harbour',
  description: null,
  org_id: '{ada.tenant}',
  created_by: '{ada}',
  created_at: time,
  updated_at: time,
  metadata: {},
  ...fields,
});

export const participant = (who: string, fields: Fields = {}): Fields => ({
  id: uuid,
  conversation_id: '{harbour}',
  user_id: who,
  user_type: 'user',
  role: 'member',
  entity_id: null,
  joined_at: time,
  last_read_at: null,
  ...fields,
});

/** A message of Ada's in the harbour. */
export const message = (fields: Fields = {}): Fields => ({
  id: uuid,
  conversation_id: '{harbour}',
  sender_id: '{ada}',
  sender_type: 'user',
  content: 'hello',
  content_type: 'text',
  reply_to: null,
  org_id: '{ada.tenant}',
  run_id: null,
  trace_id: null,
  sequence: count,
  priority: 'normal',
  interruptible: true,
  preempted_by: null,
  created_at: time,
  updated_at: null,
  deleted_at: null,
  metadata: {},
  ...fields,
});

/** A control event of Ada's as a row; `payload` is what `metadata.control` has beside what it always has. */
export const controlRow = (event: string, fields: Fields = {}, payload: Fields = {}): Fields =>
  message({
    content: event,
    content_type: 'event',
    priority: 'high',
    interruptible: false,
    metadata: { control: { event, conversationId: '{harbour}', effectiveAt: time, ...payload } },
    ...fields,
  });

/** Both keys of an error body; without a sentence: any one. */
export const refused = (status: number, error: Shape = text): Expected => ({
  status,
  body: { error, message: error },
});

export const unauthenticated = refused(401, 'Authentication required');
export const notParticipant = refused(403, 'Not a participant in this conversation');
export const noConversation = refused(404, 'Conversation not found');
export const noMessage = refused(404, 'Message not found');
export const noParticipant = refused(404, 'Participant not found');
export const otherOrganization = refused(403, 'Not authorized for this organization');

/** The first step of most transcripts: a group of Ada's, kept as `harbour`. */
export function harbour(...members: readonly string[]): Step {
  const participants = members.map((userId) => ({ userId }));
  return {
    name: 'Ada makes a group',
    as: 'ada',
    request: 'POST /api/conversations',
    body: { type: 'group', name: 'Harbour', participants },
    expect: { status: 201, body: anything },
    keep: { harbour: 'id' },
  };
}

/** Ada changes somebody's role. */
export function promote(who: string, role: 'owner' | 'admin' | 'member'): Step {
  return {
    name: `Ada makes ${who} ${role}`,
    as: 'ada',
    request: `PATCH /api/conversations/{harbour}/participants/${who}`,
    body: { role },
    expect: { status: 200, body: anything },
  };
}

/** Somebody posts; kept under `keep`. */
export function post(as: string, content: string, keep = 'message'): Step {
  return {
    name: `${as} posts`,
    as,
    request: 'POST /api/conversations/{harbour}/messages',
    body: { content },
    expect: { status: 201, body: anything },
    keep: { [keep]: 'id', [`${keep}.at`]: 'created_at' },
  };
}
