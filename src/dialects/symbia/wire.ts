/** Requests (camelCase) and rows (snake_case) of the Symbia Messaging API. */
import { type SchemaOptions, type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../contract/examples/values.ts';
import { limits } from '../../domain/limits.ts';

const Nullable = <S extends ReturnType<typeof Type.String>>(schema: S, options: SchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options);
const Uuid = (...examples: readonly string[]) => Type.String({ format: 'uuid', examples });
const Text = (...examples: readonly string[]) => Type.String({ examples });
const nothing = { examples: [null] };
const ConversationId = Uuid(example.conversation);
const OrgId = Type.String({ description: 'The tenant.', examples: [example.tenant] });
const Timestamp = Type.String({
  format: 'date-time',
  description: 'RFC 3339, UTC, six fraction digits.',
  examples: [example.at],
});
const Metadata = Type.Record(Type.String(), Type.Unknown());

/**
 * A field whose refusal has words of its own in this API: the documents show its schema, decode.ts
 * checks it.
 */
export const Checked = (shown: SchemaOptions) => Type.Optional(Type.Unknown(shown));
export const checkedText = (description: string, maxLength?: number) =>
  Checked({ type: 'string', description, ...(maxLength === undefined ? {} : { maxLength }) });
const checkedUuid = (description: string) =>
  Checked({ type: ['string', 'null'], format: 'uuid', description });
const checkedMetadata = Checked({ type: ['object', 'null'], description: 'An object of at most 16 KiB.' });

export const ConversationRow = Type.Object(
  {
    id: ConversationId,
    type: Type.Union([Type.Literal('private'), Type.Literal('group')]),
    name: Nullable(Text('Harbour')),
    description: Nullable(Type.String(), nothing),
    org_id: OrgId,
    created_by: Text(example.user),
    created_at: Timestamp,
    updated_at: Timestamp,
    metadata: Metadata,
  },
  { title: 'Conversation' },
);
export type ConversationRow = Static<typeof ConversationRow>;

export const ParticipantRow = Type.Object(
  {
    id: Uuid('5b0f4b7e-3a51-5d0c-9a8e-8f0e6f0d2c41'),
    conversation_id: ConversationId,
    user_id: Text(example.user),
    user_type: Type.Union([Type.Literal('user'), Type.Literal('agent')]),
    role: Type.Union([Type.Literal('owner'), Type.Literal('admin'), Type.Literal('member')]),
    entity_id: Type.Null(),
    joined_at: Timestamp,
    last_read_at: Nullable(Timestamp),
  },
  { title: 'Participant' },
);
export type ParticipantRow = Static<typeof ParticipantRow>;

export const ConversationWithParticipants = Type.Composite(
  [ConversationRow, Type.Object({ participants: Type.Array(ParticipantRow) })],
  { title: 'ConversationWithParticipants' },
);

export const MessageRow = Type.Object(
  {
    id: Uuid(example.message),
    conversation_id: ConversationId,
    sender_id: Text(example.user),
    sender_type: Type.Union([Type.Literal('user'), Type.Literal('agent'), Type.Literal('service')]),
    content: Text('The ship is in.'),
    content_type: Text('text'),
    reply_to: Nullable(Type.String({ format: 'uuid' }), nothing),
    org_id: OrgId,
    run_id: Nullable(Type.String(), nothing),
    trace_id: Nullable(Type.String(), nothing),
    sequence: Type.Integer({ minimum: 1, examples: [3] }),
    priority: Type.Union(
      [Type.Literal('low'), Type.Literal('normal'), Type.Literal('high'), Type.Literal('critical')],
      { examples: ['normal'] },
    ),
    interruptible: Type.Boolean(),
    preempted_by: Nullable(Type.String(), nothing),
    created_at: Timestamp,
    updated_at: Nullable(Timestamp, nothing),
    deleted_at: Nullable(Timestamp, nothing),
    metadata: Metadata,
  },
  { title: 'Message' },
);
export type MessageRow = Static<typeof MessageRow>;

export const MessageVersionRow = Type.Composite(
  [MessageRow, Type.Object({ version: Type.Integer({ minimum: 1 }) })],
  { title: 'MessageVersion' },
);
export type MessageVersionRow = Static<typeof MessageVersionRow>;

export const ErrorBody = Type.Object({ error: Type.String(), message: Type.String() }, { title: 'Error' });

export const ConversationPath = Type.Object({ id: Type.String() });
export const ParticipantPath = Type.Object({ id: Type.String(), userId: Type.String() });
export const MessagePath = Type.Object({ id: Type.String(), messageId: Type.String() });

export const ListConversationsQuery = Type.Object({ orgId: Type.Optional(Type.String()) });
export const ListMessagesQuery = Type.Object({
  limit: checkedText(`1 to ${limits.historyPageMax}, default 50.`),
  before: checkedText('A time: entries before it, the newest of them first.'),
  after: checkedText('A time: entries after it, the oldest of them first.'),
  order: checkedText('`asc` or `desc`: which end of the range comes first.'),
});
export type ListMessagesQuery = Static<typeof ListMessagesQuery>;

export const CreateConversationBody = Type.Object({
  type: Checked({ enum: ['private', 'group'] }),
  name: checkedText('Required for groups.', limits.nameCharsMax),
  description: checkedText('', limits.descriptionCharsMax),
  orgId: checkedText('The tenant of the caller.'),
  metadata: checkedMetadata,
  participants: Checked({
    type: 'array',
    items: {
      type: 'object',
      properties: { userId: { type: 'string' }, userType: { enum: ['user', 'agent'] } },
    },
  }),
});
export type CreateConversationBody = Static<typeof CreateConversationBody>;

export const UpdateConversationBody = Type.Object({
  name: checkedText('Null clears.', limits.nameCharsMax),
  description: checkedText('Null clears.', limits.descriptionCharsMax),
  metadata: checkedMetadata,
});
export type UpdateConversationBody = Static<typeof UpdateConversationBody>;

export const AddParticipantBody = Type.Object({
  userId: checkedText('Required.', limits.principalIdCharsMax),
  userType: Checked({ enum: ['user', 'agent'] }),
  role: Checked({ enum: ['owner', 'admin', 'member'], description: 'Honoured for owners.' }),
});
export type AddParticipantBody = Static<typeof AddParticipantBody>;

export const ChangeRoleBody = Type.Object({ role: Checked({ enum: ['owner', 'admin', 'member'] }) });

export const PostMessageBody = Type.Object({
  content: Checked({ description: 'Required. What is not a string is written as JSON.' }),
  contentType: checkedText('Default `text`.', 50),
  replyTo: checkedUuid('A message of this conversation.'),
  metadata: checkedMetadata,
  id: checkedUuid('Idempotency key, and the id of the message.'),
  runId: checkedUuid('The run it belongs to.'),
  traceId: checkedText('', limits.traceCharsMax),
  priority: Checked({ enum: ['low', 'normal', 'high', 'critical'] }),
  interruptible: Checked({ type: 'boolean', default: true }),
  preemptedBy: checkedUuid(''),
});
export type PostMessageBody = Static<typeof PostMessageBody>;

export const EditMessageBody = Type.Object({
  content: Checked({ description: 'Required.' }),
  metadata: checkedMetadata,
});
export type EditMessageBody = Static<typeof EditMessageBody>;

export const ControlBody = Type.Object({
  event: checkedText(
    '`stream.pause`, `resume`, `preempt`, `cancel`, `route`, `handoff`, `priority` or `x.<name>`.',
  ),
  target: Checked({
    description: 'A principal, as `{principalId, principalType}` or as its id.',
    anyOf: [
      { type: 'object', properties: { principalId: { type: 'string' }, principalType: { type: 'string' } } },
      { type: 'string' },
      { type: 'null' },
    ],
  }),
  reason: checkedText('', limits.reasonCharsMax),
  priority: Checked({ enum: ['low', 'normal', 'high', 'critical'], description: 'For `stream.priority`.' }),
  metadata: checkedMetadata,
  runId: checkedUuid('The run it acts on.'),
  traceId: checkedText('', limits.traceCharsMax),
  preemptedBy: checkedText('', limits.principalIdCharsMax),
});
export type ControlBody = Static<typeof ControlBody>;
