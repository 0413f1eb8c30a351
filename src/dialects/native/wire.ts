/** Frames of the native socket: the schemas of native.md §1. */
import { Type } from '@sinclair/typebox';
import {
  ConversationType,
  DataClass,
  EventSchema,
  ParticipantRole,
  PrincipalKindSchema,
  Priority,
} from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';

const text = (max: number) => Type.String({ maxLength: max });
const Id = Type.String({ minLength: 1, maxLength: limits.principalIdCharsMax });
const Uuid = Type.String({ format: 'uuid' });
const Json = Type.Record(Type.String(), Type.Unknown());
const Cursor = Type.Union([text(64), Type.Integer({ minimum: 0 })]);
const Seq = Type.Integer({ minimum: 0 });
const optional = Type.Optional;
/** As the headers X-Data-Class and X-Policy-Ref of HTTP. */
const recorded = {
  data_class: optional(DataClass),
  policy_ref: optional(Type.String({ minLength: 1, maxLength: limits.policyRefCharsMax })),
};

/** A conversation id is opaque to the check: one that cannot exist is not_found, like a foreign one. */
const Conversation = Type.String({ minLength: 1, maxLength: 64 });
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
  content: Type.String(),
  content_type: optional(Type.String({ minLength: 1, maxLength: 50 })),
  client_id: optional(Type.String({ minLength: 1, maxLength: limits.clientIdCharsMax })),
  message_id: optional(Uuid),
  reply_to: optional(Type.Union([Uuid, Type.Null()])),
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
  message: Id,
  content: Type.String(),
  metadata: optional(Json),
  ...recorded,
});
export const Delete = Type.Object({ conversation, message: Id });
export const React = Type.Object({
  conversation,
  message: Id,
  emoji: Type.String({ minLength: 1, maxLength: limits.emojiCharsMax }),
});
export const ControlFrame = Type.Object({
  conversation,
  event: Type.String({ minLength: 1, maxLength: 128 }),
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
  run: Type.String({ minLength: 1, maxLength: limits.runIdCharsMax }),
  index: Type.Integer({ minimum: 0 }),
  text: Type.String(),
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

const Nullable = (schema: ReturnType<typeof Type.String>) => Type.Union([schema, Type.Null()]);
export const StateView = Type.Object({
  type: ConversationType,
  name: Nullable(Type.String()),
  description: Nullable(Type.String()),
  metadata: Json,
  env: Type.String(),
  service_id: Nullable(Type.String()),
  created_by: Type.String(),
  created_at: Type.String(),
  participants: Type.Array(Type.Object({ id: Id, kind: PrincipalKindSchema, role: ParticipantRole })),
  paused: Type.Union([
    Type.Object({ by: Type.String(), at: Type.String(), reason: Nullable(Type.String()) }),
    Type.Null(),
  ]),
  floor: Nullable(Type.String()),
  priority: Type.Union([Priority, Type.Null()]),
  /** Stopped runs, and those that are open now. */
  runs: Type.Record(
    Type.String(),
    Type.Union([Type.Literal('open'), Type.Literal('preempted'), Type.Literal('cancelled')]),
  ),
});
export const DraftView = Type.Object({
  message_id: Id,
  run: Type.String(),
  from: Seq,
  index: Seq,
  text: Type.String(),
});
export const Numbers = Type.Object({ id: Id, seq: Seq, position: Seq });
export const PostReply = Type.Object({
  id: Id,
  message_id: Id,
  seq: Seq,
  position: Seq,
  at: Type.String(),
  duplicate: Type.Boolean(),
});
export const Position = Type.Object({ position: Seq });
export const EventPush = Type.Object({ ev: EventSchema });
export const DeltaPush = Type.Object({
  delta: Type.Composite([Type.Object({ conversation: Id }), DraftView]),
});
export const PulsePush = Type.Object({
  pulse: Type.Object(
    { kind: Type.String(), conversation: Id, from: Id },
    {
      description:
        'typing {state}, presence {status, detail?}, read {up_to}, draft.abandoned {message_id, run}',
    },
  ),
});
export const ByePush = Type.Object({
  bye: Type.Object({ code: Type.Integer(), retry_after_ms: Type.Union([Type.Integer(), Type.Null()]) }),
});
