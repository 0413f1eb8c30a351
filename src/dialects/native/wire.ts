/** Frames of the native socket: the schemas of native.md §1. */
import { type SchemaOptions, Type } from '@sinclair/typebox';
import { exampleEvent } from '../../contract/examples/event.ts';
import { exampleValues as example } from '../../contract/examples/values.ts';
import {
  ConversationType,
  DataClass,
  ParticipantRole,
  PrincipalKindSchema,
  Priority,
} from '../../domain/event.ts';
import { EventSchema } from '../../domain/events/event-schema.ts';
import { limits } from '../../domain/limits.ts';

const text = (max: number) => Type.String({ maxLength: max });
const idLike = (...examples: readonly string[]) =>
  Type.String({ minLength: 1, maxLength: limits.principalIdCharsMax, examples });
const Id = idLike(example.agent);
const MessageId = idLike(example.message);
const shown = (...examples: readonly unknown[]) => Type.String({ examples });
const nothing = { examples: [null] };
const Uuid = Type.String({ format: 'uuid', examples: [example.message] });
const Json = Type.Record(Type.String(), Type.Unknown());
const Cursor = Type.Union([text(64), Type.Integer({ minimum: 0 })], { examples: [example.cursor] });
const Seq = Type.Integer({ minimum: 0, examples: [3] });
const optional = Type.Optional;
/** As the headers X-Data-Class and X-Policy-Ref of HTTP. */
const recorded = {
  data_class: optional(DataClass),
  policy_ref: optional(Type.String({ minLength: 1, maxLength: limits.policyRefCharsMax })),
};

/** A conversation id is opaque to the check: one that cannot exist is not_found, like a foreign one. */
const Conversation = Type.String({ minLength: 1, maxLength: 64, examples: [example.conversation] });
const conversation = Conversation;

export const ParticipantFields = Type.Object({
  id: Id,
  kind: optional(PrincipalKindSchema),
  role: optional(ParticipantRole),
});

export const Hello = Type.Object({
  token: optional(Type.String({ minLength: 1, maxLength: 8_192 })),
  follow: optional(Type.Literal('all')),
  cursors: optional(
    Type.Record(Type.String(), Cursor, { maxProperties: limits.openConversationsPerSocketMax }),
  ),
});
export const Open = Type.Object({
  conversation: optional(Conversation),
  conversations: optional(
    Type.Array(Conversation, { minItems: 1, maxItems: limits.openConversationsPerFrameMax }),
  ),
  after: optional(Cursor),
});
export const Close = Type.Object({
  conversation: optional(Conversation),
  conversations: optional(
    Type.Array(Conversation, { minItems: 1, maxItems: limits.openConversationsPerFrameMax }),
  ),
});
export const Create = Type.Object({
  type: ConversationType,
  name: optional(Type.Union([text(limits.nameCharsMax), Type.Null()])),
  description: optional(Type.Union([text(limits.descriptionCharsMax), Type.Null()])),
  participants: optional(Type.Array(ParticipantFields, { maxItems: limits.participantsMax })),
  metadata: optional(Json),
  service_id: optional(Type.Union([Id, Type.Null()])),
  env: optional(Type.Union([Type.Literal('dev'), Type.Literal('stage'), Type.Literal('prod')])),
  ...recorded,
});
export const Post = Type.Object({
  conversation,
  content: shown('The ship is in.'),
  content_type: optional(Type.String({ minLength: 1, maxLength: 50 })),
  client_id: optional(Type.String({ minLength: 1, maxLength: limits.clientIdCharsMax })),
  message_id: optional(Uuid),
  reply_to: optional(Type.Union([Uuid, Type.Null()])),
  /** Whom it is for: an agent that is named answers also in a group, one that is not stays silent. */
  to: optional(Type.Array(Id, { maxItems: limits.addresseesMax })),
  run: optional(Type.String({ minLength: 1, maxLength: limits.runIdCharsMax })),
  end_run: optional(Type.Boolean()),
  trace: optional(text(limits.traceCharsMax)),
  priority: optional(Priority),
  interruptible: optional(Type.Boolean()),
  metadata: optional(Json),
  ...recorded,
});
export const Edit = Type.Object({
  conversation,
  message: MessageId,
  content: shown('The ship is in.'),
  metadata: optional(Json),
  ...recorded,
});
export const Delete = Type.Object({ conversation, message: MessageId });
export const React = Type.Object({
  conversation,
  message: MessageId,
  emoji: Type.String({ minLength: 1, maxLength: limits.emojiCharsMax, examples: ['👍'] }),
});
export const ControlFrame = Type.Object({
  conversation,
  event: Type.String({ minLength: 1, maxLength: 128, examples: ['stream.pause'] }),
  target: optional(Type.Union([Id, Type.Object({ id: Id }), Type.Null()])),
  reason: optional(Type.Union([text(limits.reasonCharsMax), Type.Null()])),
  run: optional(Type.String({ minLength: 1, maxLength: limits.runIdCharsMax })),
  priority: optional(Priority),
  preempted_by: optional(Type.String({ minLength: 1, maxLength: limits.principalIdCharsMax })),
  metadata: optional(Json),
  ...recorded,
});
export const DeltaFrame = Type.Object({
  conversation,
  message_id: Uuid,
  run: Type.String({ minLength: 1, maxLength: limits.runIdCharsMax, examples: [example.run] }),
  index: Type.Integer({ minimum: 0 }),
  text: shown('The ship '),
  /** Said with the first delta: the message, also an interrupted one, is at least as protected. */
  data_class: optional(DataClass),
});
export const TypingFrame = Type.Object({
  conversation,
  state: Type.Union([Type.Literal('start'), Type.Literal('stop')]),
});
export const PresenceFrame = Type.Object({
  status: Type.Union([Type.Literal('online'), Type.Literal('away'), Type.Literal('busy')]),
  detail: optional(text(limits.presenceDetailCharsMax)),
});
export const Read = Type.Object({ conversation, up_to: Seq });
export const HistoryFrame = Type.Object({
  conversation,
  before: optional(Seq),
  after: optional(Seq),
  /** Raw events after a position, as a direct NATS subscriber fills a gap. */
  after_position: optional(Seq),
  limit: optional(Type.Integer({ minimum: 1, maximum: limits.historyPageMax })),
  include: optional(Type.Array(Type.Literal('edits'), { maxItems: 1 })),
  consistency: optional(Type.Literal('cached')),
});
export const ParticipantAdd = Type.Object({
  conversation,
  participant: Type.Union([Id, ParticipantFields]),
  role: optional(ParticipantRole),
});
export const ParticipantRemove = Type.Object({ conversation, participant: Id });
export const ParticipantRoleFrame = Type.Object({ conversation, participant: Id, role: ParticipantRole });
export const List = Type.Object({
  limit: optional(Type.Integer({ minimum: 1, maximum: limits.listPageMax })),
  cursor: optional(text(512)),
  unread: optional(Type.Boolean()),
});
export const Ping = Type.Object({});

const Nullable = (schema: ReturnType<typeof Type.String>, options: SchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options);
export const StateView = Type.Object({
  type: Type.Union([...ConversationType.anyOf], { examples: ['group'] }),
  name: Nullable(shown('Harbour')),
  description: Nullable(Type.String(), nothing),
  metadata: Json,
  env: shown('dev'),
  service_id: Nullable(Type.String(), nothing),
  created_by: shown(example.user),
  created_at: shown(example.at),
  participants: Type.Array(Type.Object({ id: Id, kind: PrincipalKindSchema, role: ParticipantRole })),
  paused: Type.Union(
    [Type.Object({ by: Type.String(), at: Type.String(), reason: Nullable(Type.String()) }), Type.Null()],
    nothing,
  ),
  floor: Nullable(Type.String(), nothing),
  priority: Type.Union([Priority, Type.Null()], nothing),
  /** Stopped runs, and those that are open now. */
  runs: Type.Record(
    Type.String(),
    Type.Union([Type.Literal('open'), Type.Literal('preempted'), Type.Literal('cancelled')]),
  ),
});
export const DraftView = Type.Object({
  message_id: MessageId,
  run: shown(example.run),
  from: Type.Integer({ minimum: 0 }),
  index: Seq,
  text: shown('The ship is '),
});
const EventId = idLike(example.event);
const PositionNumber = Type.Integer({ minimum: 0, examples: [5] });
export const Numbers = Type.Object({ id: EventId, seq: Seq, position: PositionNumber });
export const PostReply = Type.Object({
  id: EventId,
  message_id: MessageId,
  seq: Seq,
  position: PositionNumber,
  at: shown(example.at),
  duplicate: Type.Boolean({ examples: [false] }),
});
export const Position = Type.Object({ position: PositionNumber });
export const EventPush = Type.Object({ ev: EventSchema }, { examples: [{ ev: exampleEvent }] });
export const DeltaPush = Type.Object({
  delta: Type.Composite([Type.Object({ conversation: Conversation }), DraftView]),
});
export const PulsePush = Type.Object({
  pulse: Type.Object(
    { kind: shown('typing'), conversation: Conversation, from: idLike(example.user) },
    {
      description:
        'typing {state}, presence {status, detail?}, read {up_to}, draft.abandoned {message_id, run, unseen?}',
    },
  ),
});
export const ByePush = Type.Object({
  bye: Type.Object({
    code: Type.Integer({ examples: [1012] }),
    retry_after_ms: Type.Union([Type.Integer({ examples: [2_400] }), Type.Null()]),
  }),
});
