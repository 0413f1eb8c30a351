/** What clients are sent, as the documents show it. */
import type { PushDeclaration } from '../../../contract/sockets/frame.ts';
import { MessageRow } from '../wire.ts';
import { ControlNews, MessageDeletedNews, ParticipantNews, PresenceChangedNews, TypingNews } from './wire.ts';

const conversationId = '01936f2c-7f00-7000-8000-000000000001';
const at = '2026-11-20T10:00:00.123456Z';
const person = { userId: '01936f2c-7f00-7000-8000-00000000000a', userType: 'user' };
const agent = { userId: 'assistant:iris', userType: 'agent', agentId: 'assistant:iris' };
const message = {
  id: '01936f2c-7f00-7000-8000-000000000002',
  conversation_id: conversationId,
  sender_id: person.userId,
  sender_type: 'user',
  content: 'Hello',
  content_type: 'text',
  reply_to: null,
  org_id: '01936f2c-7f00-7000-8000-0000000000aa',
  run_id: null,
  trace_id: null,
  sequence: 1,
  priority: 'normal',
  interruptible: true,
  preempted_by: null,
  created_at: at,
  updated_at: null,
  deleted_at: null,
  metadata: {},
};

const control = (name: string, summary: string): PushDeclaration => ({
  name,
  summary,
  schema: ControlNews,
  example: { event: name, conversationId, effectiveAt: at },
});

export const symbiaPushes: readonly PushDeclaration[] = [
  {
    name: 'message:new',
    summary: 'A message, in the order of `sequence`; its sender is sent it, too.',
    schema: MessageRow,
    example: message,
  },
  {
    name: 'message:updated',
    summary: 'A message was edited: its whole row.',
    schema: MessageRow,
    example: { ...message, content: 'Hello again', updated_at: at },
  },
  {
    name: 'message:deleted',
    summary: 'A message was deleted.',
    schema: MessageDeletedNews,
    example: { id: message.id, conversationId },
  },
  {
    name: 'typing:started',
    summary: 'Somebody else writes.',
    schema: TypingNews,
    example: { conversationId, ...person },
  },
  {
    name: 'typing:stopped',
    summary: 'Somebody else does not write any more: said so, went silent for 6 s, or is gone.',
    schema: TypingNews,
    example: { conversationId, ...person },
  },
  {
    name: 'presence:changed',
    summary: 'How somebody is with whom one shares a conversation; once to each socket.',
    schema: PresenceChangedNews,
    example: { ...agent, status: 'away' },
  },
  {
    name: 'participant:online',
    summary: 'A participant connected, or announced itself.',
    schema: ParticipantNews,
    example: { conversationId, ...agent },
  },
  {
    name: 'participant:offline',
    summary: 'The last socket of a participant is gone, in the whole deployment.',
    schema: ParticipantNews,
    example: { conversationId, ...agent },
  },
  control('stream.pause', 'Agents and services may not post any more, unless it is critical.'),
  control('stream.resume', 'The pause is over.'),
  control('stream.preempt', 'Runs may not post any more.'),
  control('stream.cancel', 'Runs are cancelled.'),
  control('stream.route', 'One agent alone may speak; without a target all may again.'),
  control('stream.handoff', 'Another agent has the floor.'),
  control('stream.priority', 'The priority of what follows.'),
  control('x.note', 'Any `x.<name>`: recorded and delivered, without effect.'),
];
