/** Bodies and parameters of the v2 API (v2.md §2). */
import { type SchemaOptions, type Static, type TSchema, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../contract/examples/values.ts';
import { limits } from '../../domain/limits.ts';

/** Of a whole request. */
export const v2BodyBytesMax = 262_144;

/** With hyphens or 32 digits, in any case: what pydantic takes, but for braces. */
export const uuidPattern =
  '^(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})$';
const thing = 'bb0e8400-e29b-41d4-a716-446655440000';
const Uuid = (shown: string) => Type.String({ pattern: uuidPattern, examples: [shown] });
const nullable = <S extends TSchema>(schema: S, options: SchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options);
const Shown = (...examples: readonly unknown[]) => Type.String({ examples });
const Time = Type.String({ format: 'date-time', description: 'RFC 3339, UTC, six fraction digits' });
const Status = Type.Union([Type.Literal('active'), Type.Literal('archived'), Type.Literal('closed')]);

export const Message = Type.Object(
  {
    id: Shown(example.message),
    conversation_id: Shown(example.conversation),
    sender_user_id: Shown(example.user),
    body: Shown('This is a message'),
    is_read: Type.Boolean({ description: 'By everybody else who takes part', examples: [false] }),
    created_at: Time,
  },
  { title: 'Message' },
);
export type Message = Static<typeof Message>;

export const Conversation = Type.Object(
  {
    id: Shown(example.conversation),
    organization_id: Shown(example.tenant),
    created_by_user_id: Shown(example.user),
    subject: nullable(Shown('Work order discussion')),
    entity_type: nullable(Shown('work_order')),
    entity_id: nullable(Shown(thing)),
    status: Status,
    created_at: Time,
    updated_at: Time,
    messages: Type.Array(Message, { description: 'The newest ones, ascending' }),
  },
  { title: 'Conversation' },
);
export type Conversation = Static<typeof Conversation>;

export const ConversationPath = Type.Object({ conversation_id: Uuid(example.conversation) });

export const ListQuery = Type.Object({
  organization_id: Type.Optional(
    Type.String({ pattern: uuidPattern, description: 'Of super admins; ignored for everybody else' }),
  ),
  entity_type: Type.Optional(Type.String({ description: 'Exactly this one' })),
  entity_id: Type.Optional(Type.String({ pattern: uuidPattern, description: 'Exactly this one' })),
  page: Type.Optional(Type.Integer({ minimum: 1, description: 'Default 1' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 50' })),
});

export const MessagesQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000, description: 'The newest so many; default: all' }),
  ),
  before: Type.Optional(Type.String({ pattern: uuidPattern, description: 'Older than this message' })),
});

export const ConversationCreate = Type.Object(
  {
    organization_id: Uuid(example.tenant),
    subject: Type.Optional(nullable(Type.String({ maxLength: 200, examples: ['Work order discussion'] }))),
    entity_type: Type.Optional(
      nullable(Type.String({ minLength: 1, maxLength: 64, examples: ['work_order'] })),
    ),
    entity_id: Type.Optional(nullable(Uuid(thing))),
    participant_user_ids: Type.Optional(Type.Array(Uuid(example.user), { maxItems: 200 })),
  },
  { title: 'ConversationCreate' },
);

export const ConversationUpdate = Type.Object(
  {
    subject: Type.Optional(nullable(Type.String({ maxLength: 200 }), { description: 'Null clears' })),
    status: Type.Optional(Status),
  },
  { title: 'ConversationUpdate', examples: [{ subject: 'Updated subject', status: 'archived' }] },
);

export const MessageCreate = Type.Object(
  {
    body: Type.String({ minLength: 1, maxLength: 10_000, pattern: '\\S', examples: ['This is a message'] }),
    conversation_id: Type.Optional(
      nullable(Type.String({ pattern: uuidPattern }), { description: 'That of the path, if it is sent' }),
    ),
  },
  { title: 'MessageCreate' },
);

export const LoginRequest = Type.Object(
  {
    email: Type.String({ minLength: 1, maxLength: limits.emailCharsMax, examples: [example.email] }),
    password: Type.String({
      ...{ minLength: 1, maxLength: limits.passwordCharsMax, examples: ['correct horse battery'] },
    }),
  },
  { title: 'UserLogin' },
);

export const Token = Type.Object(
  { access_token: Shown(example.accessToken), token_type: Type.Literal('bearer') },
  { title: 'Token' },
);

export const Role = Type.Object(
  { id: Shown(thing), name: Shown('pmc_admin'), description: nullable(Shown('Runs the organization')) },
  { title: 'Role' },
);

export const CurrentUser = Type.Object(
  {
    user: Type.Object({
      id: Shown(example.user),
      email: nullable(Shown(example.email)),
      full_name: nullable(Shown(example.person)),
      phone: nullable(Type.String(), { examples: [null] }),
      organization_id: Shown(example.tenant),
      status: Shown('active'),
      created_at: Time,
      updated_at: Time,
      roles: Type.Array(Role),
    }),
    roles: Type.Array(Role),
    organization_id: Shown(example.tenant),
  },
  { title: 'CurrentUser' },
);

export const ErrorBody = Type.Object({ detail: Type.String() }, { title: 'Error' });

export const ValidationErrors = Type.Object(
  {
    detail: Type.Array(
      Type.Object({
        type: Shown('less_than_equal'),
        loc: Type.Array(Type.Union([Type.String(), Type.Integer()]), { examples: [['query', 'limit']] }),
        msg: Shown('Input should be less than or equal to 100'),
        input: Type.Unknown({ examples: ['101'] }),
        ctx: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { examples: [{ le: 100 }] })),
      }),
    ),
  },
  { title: 'HTTPValidationError' },
);
