/**
 * Events: what a conversation's log is made of, exactly as they stand on the wire (native.md §1),
 * on `live.>` and in the log. What must not be on the wire (node, data class, log sequence) travels
 * beside the event in a LogEntry.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { ConversationId, EventId, MessageId, NodeId, PrincipalId, ServiceId, TenantId } from './ids.ts';

const Id = Type.String({ minLength: 1 });
const Json = Type.Record(Type.String(), Type.Unknown());
/**
 * Texts of phi and secret events where they are stored or republished: then the other text fields are
 * empty (of metadata only `is_internal: true` is left). Instead of a sealed text, for readers: `erased` (the tenant's data key was destroyed) or
 * `unreadable` (it does not open).
 */
const Sealed = Type.Optional(Type.String());

export const PrincipalKindSchema = Type.Union([
  Type.Literal('user'),
  Type.Literal('agent'),
  Type.Literal('service'),
]);
export const ParticipantRole = Type.Union([
  Type.Literal('owner'),
  Type.Literal('admin'),
  Type.Literal('member'),
]);
export type ParticipantRole = Static<typeof ParticipantRole>;
export const Priority = Type.Union([
  Type.Literal('low'),
  Type.Literal('normal'),
  Type.Literal('high'),
  Type.Literal('critical'),
]);
export type Priority = Static<typeof Priority>;
export const ConversationType = Type.Union([Type.Literal('private'), Type.Literal('group')]);
export type ConversationType = Static<typeof ConversationType>;
/** What its participants have declared it to be. It forbids nothing here: an API may refuse more. */
export const Stage = Type.Union([Type.Literal('active'), Type.Literal('archived'), Type.Literal('closed')]);
export type Stage = Static<typeof Stage>;
const NullableText = Type.Union([Type.String(), Type.Null()]);
/** The thing elsewhere that a conversation is about, as whoever made it names it: `work_order`, and its id there. */
export const Entity = Type.Object({ type: NullableText, id: NullableText });
export type Entity = Static<typeof Entity>;

export const ParticipantView = Type.Object({ id: Id, kind: PrincipalKindSchema, role: ParticipantRole });
export type ParticipantView = Static<typeof ParticipantView>;

export const MessagePosted = Type.Object({
  message_id: Id,
  content: Type.String(),
  content_type: Type.String(),
  reply_to: Type.Union([Id, Type.Null()]),
  priority: Priority,
  interruptible: Type.Boolean(),
  metadata: Json,
  /** Whom it is for, of those who take part; absent: nobody in particular. Everybody sees it all the same. */
  to: Type.Optional(Type.Array(Id)),
  /** The text that was seen of a streamed message when a control event stopped its run. */
  interrupted: Type.Optional(Type.Literal(true)),
  preempted_by: Type.Optional(Id),
  /** The run ends with this message. */
  end_run: Type.Optional(Type.Literal(true)),
  /** Only in replays and history: the content was erased; position and seq stay. */
  deleted: Type.Optional(Type.Literal(true)),
  sealed: Sealed,
});
export type MessagePosted = Static<typeof MessagePosted>;

/**
 * What else there is to say of a message that is changed: who hears of the change need not look it up. No
 * texts, so that nothing of a sealed message is in it.
 */
export const MessageHead = Type.Object({
  sender: Type.Object({ id: Id, kind: PrincipalKindSchema }),
  seq: Type.Integer({ minimum: 1 }),
  created_at: Type.String({ format: 'date-time' }),
  content_type: Type.String(),
  reply_to: Type.Union([Id, Type.Null()]),
  priority: Priority,
  interruptible: Type.Boolean(),
  run: Type.Optional(Type.String()),
  trace: Type.Optional(Type.String()),
  preempted_by: Type.Optional(Id),
});
export type MessageHead = Static<typeof MessageHead>;

export const MessageEdited = Type.Object({
  message_id: Id,
  content: Type.String(),
  metadata: Json,
  edit_count: Type.Integer(),
  /** Absent only where the edit was erased. */
  message: Type.Optional(MessageHead),
  deleted: Type.Optional(Type.Literal(true)),
  sealed: Sealed,
});
export type MessageEdited = Static<typeof MessageEdited>;

/** Which message a change is about, for who hears of it and sees only some: no texts. */
export const MessageOrigin = Type.Object({
  sender: Type.Object({ id: Id, kind: PrincipalKindSchema }),
  seq: Type.Integer({ minimum: 1 }),
  /** Said among agents and services: people neither see it nor hear of it. */
  is_internal: Type.Optional(Type.Literal(true)),
});
export type MessageOrigin = Static<typeof MessageOrigin>;

export const MessageDeleted = Type.Object({
  message_id: Id,
  by: Id,
  /** Absent in events of before. */
  message: Type.Optional(MessageOrigin),
});
export type MessageDeleted = Static<typeof MessageDeleted>;

export const ReactionChanged = Type.Object({
  message_id: Id,
  emoji: Type.String(),
  action: Type.Union([Type.Literal('added'), Type.Literal('removed')]),
  /** Absent in events of before. */
  message: Type.Optional(MessageOrigin),
});
export type ReactionChanged = Static<typeof ReactionChanged>;

export const Control = Type.Object({
  event: Type.String(),
  target: Type.Union([Id, Type.Null()]),
  reason: Type.Union([Type.String(), Type.Null()]),
  /** The runs it acts on. */
  runs: Type.Array(Id),
  priority: Type.Union([Priority, Type.Null()]),
  preempted_by: Type.Union([Type.String(), Type.Null()]),
  metadata: Json,
  sealed: Sealed,
});
export type Control = Static<typeof Control>;

export const ParticipantAdded = Type.Object({ participant: ParticipantView });
export type ParticipantAdded = Static<typeof ParticipantAdded>;
export const ParticipantRemoved = Type.Object({ participant: Id, by: Id });
export type ParticipantRemoved = Static<typeof ParticipantRemoved>;
export const ParticipantRoleChanged = Type.Object({ participant: Id, role: ParticipantRole });
export type ParticipantRoleChanged = Static<typeof ParticipantRoleChanged>;

export const ConversationCreated = Type.Object({
  type: ConversationType,
  name: Type.Union([Type.String(), Type.Null()]),
  description: Type.Union([Type.String(), Type.Null()]),
  metadata: Json,
  env: Type.String(),
  service_id: Type.Union([Id, Type.Null()]),
  /** Absent: active. */
  stage: Type.Optional(Stage),
  /** Absent: it is about nothing in particular. */
  entity: Type.Optional(Entity),
  participants: Type.Array(ParticipantView),
  sealed: Sealed,
});
export type ConversationCreated = Static<typeof ConversationCreated>;

export const ConversationUpdated = Type.Object({
  name: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  metadata: Type.Optional(Json),
  stage: Type.Optional(Stage),
  sealed: Sealed,
});
export type ConversationUpdated = Static<typeof ConversationUpdated>;

export const ConversationDeleted = Type.Object({
  by: Id,
  /** Who was in it: they may be told so when they come back. Absent in events of before. */
  participants: Type.Optional(Type.Array(Id)),
});
export type ConversationDeleted = Static<typeof ConversationDeleted>;

/** Type of an event -> schema of its `data`. */
export const eventData = {
  'message.posted': MessagePosted,
  'message.edited': MessageEdited,
  'message.deleted': MessageDeleted,
  'reaction.changed': ReactionChanged,
  control: Control,
  'participant.added': ParticipantAdded,
  'participant.removed': ParticipantRemoved,
  'participant.role': ParticipantRoleChanged,
  'conversation.created': ConversationCreated,
  'conversation.updated': ConversationUpdated,
  'conversation.deleted': ConversationDeleted,
} as const;

export type EventType = keyof typeof eventData;
type EventDataOf = { [T in EventType]: Static<(typeof eventData)[T]> };

/** The part of an event that does not depend on its type, as on the wire. */
export interface EventEnvelope {
  readonly v: 1;
  readonly id: EventId;
  readonly conversation: ConversationId;
  /** 1, 2, 3… over all events of the conversation. */
  readonly position: number;
  /** 1, 2, 3… over messages and control events; null for every other type. */
  readonly seq: number | null;
  /** RFC 3339 with six fraction digits, strictly increasing in the conversation. */
  readonly at: string;
  readonly actor: { readonly id: PrincipalId; readonly kind: Static<typeof PrincipalKindSchema> };
  readonly client_id?: string;
  readonly run?: string;
  readonly trace?: string;
}

export type EventOf<T extends EventType> = EventEnvelope & {
  readonly type: T;
  readonly data: EventDataOf[T];
};
export type Event = { [T in EventType]: EventOf<T> }[EventType];

/** Last token of a subject: services subscribe to one kind with it. */
export type EventKind = 'message' | 'edit' | 'delete' | 'reaction' | 'control' | 'member' | 'meta';

export const kindOfType: { readonly [T in EventType]: EventKind } = {
  'message.posted': 'message',
  'message.edited': 'edit',
  'message.deleted': 'delete',
  'reaction.changed': 'reaction',
  control: 'control',
  'participant.added': 'member',
  'participant.removed': 'member',
  'participant.role': 'member',
  'conversation.created': 'meta',
  'conversation.updated': 'meta',
  'conversation.deleted': 'meta',
};

/** Where a conversation lives: all that its subjects are made of. */
export interface ConversationRef {
  readonly tenant: TenantId;
  /** Null for a conversation that was created for no service (`_` in subjects). */
  readonly service: ServiceId | null;
  readonly conversation: ConversationId;
}

export const DataClass = Type.Union([
  Type.Literal('none'),
  Type.Literal('pii'),
  Type.Literal('phi'),
  Type.Literal('secret'),
]);
export type DataClass = Static<typeof DataClass>;

/** Texts of these classes are never indexed and never stored in the clear (common.md). */
export function isSealedClass(dataClass: DataClass): boolean {
  return dataClass === 'phi' || dataClass === 'secret';
}

const strictness: readonly DataClass[] = ['none', 'pii', 'phi', 'secret'];

/** The stricter of two classes: what changes a message is never less protected than the message was. */
export function stricterClass(one: DataClass, other: DataClass): DataClass {
  return strictness.indexOf(one) >= strictness.indexOf(other) ? one : other;
}

/**
 * What an erased event still says: enough to keep positions and seqs gap-free in replays and to
 * rebuild the tombstone from the log alone. It travels in a header of the `message.deleted` event.
 */
export interface ErasedEvent {
  readonly position: number;
  readonly seq: number | null;
  readonly id: EventId;
  readonly type: 'message.posted' | 'message.edited';
  readonly at: string;
  readonly actor: EventEnvelope['actor'];
  readonly messageId: MessageId;
  readonly logSeq: number;
  /** What the message's retries name, so that a deleted message is not posted again by one. */
  readonly clientId?: string;
  /** The run it belonged to, unless it ended that run. */
  readonly run?: string;
}

/** An event together with what is recorded beside it in NATS headers. */
export interface LogEntry {
  readonly event: Event;
  /** Sequence in the partition's stream; 0 while the event is only decided. */
  readonly logSeq: number;
  readonly node: NodeId;
  readonly dataClass: DataClass;
  readonly policyRef: string | null;
  readonly erased: readonly ErasedEvent[];
  /** W3C trace context of its append, while that is recorded; not read back. */
  readonly traceparent?: string;
}
