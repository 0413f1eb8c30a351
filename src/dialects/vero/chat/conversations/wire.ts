/** Bodies of conversations (vero.md §3 and §4). Lengths in code points are checked in decode-conversation.ts. */
import { type SchemaOptions, type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import { limits } from '../../../../domain/limits.ts';
import { nullable, Time } from '../wire.ts';

const literals = <const T extends readonly string[]>(values: T, options: SchemaOptions = {}) =>
  Type.Union(
    values.map((value) => Type.Literal(value as T[number])),
    options,
  );
const Shown = (...examples: readonly unknown[]) => Type.String({ examples });
const nothing = { examples: [null] };
const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER - 1, examples: [4] });
const PrincipalId = Type.String({ minLength: 1, maxLength: limits.principalIdCharsMax });

/** Participants that are named at a creation, and a page of them. */
const namedMax = 256;
export const participantPageMax = 500;
export const muteSecMax = 31_536_000;

const conversationTypes = ['direct', 'group', 'agent_direct', 'agent_group'] as const;
export const ConversationType = literals(conversationTypes);
export type ConversationType = Static<typeof ConversationType>;
const Role = literals(['owner', 'admin', 'member', 'agent'] as const);
export type Role = Static<typeof Role>;
const Status = literals(['online', 'away', 'busy', 'offline'] as const);

export const Contact = Type.Object(
  {
    user_id: Shown(example.user),
    display_name: Shown(example.person),
    is_agent: Type.Boolean({ examples: [false] }),
    status: Status,
    avatar_url: Type.Optional(Shown('https://example.org/ada.png')),
    bio: Type.Optional(Shown('Counts')),
    last_seen: Type.Optional(Time),
    job_role: Type.Optional(Shown('Harbour master')),
    is_default_agent: Type.Optional(Type.Boolean()),
  },
  { title: 'Contact' },
);
export type Contact = Static<typeof Contact>;

export const Conversation = Type.Object(
  {
    id: Shown(example.conversation),
    type: ConversationType,
    name: Type.Optional(Shown('Harbour')),
    description: Type.Optional(Shown('Ships in and out')),
    created_by: Shown(example.user),
    created_at: Time,
    last_activity: Time,
    seq_counter: Seq,
    last_message_preview: Type.String({
      description: 'Of the newest message that the caller sees; empty: there is none',
      examples: ['The ship is in.'],
    }),
    unread_count: Type.Integer({ minimum: 0, examples: [1] }),
    last_read_seq: Seq,
    role: Role,
    muted_until: nullable(Time, nothing),
    archived_at: nullable(Time, nothing),
    contact: Type.Optional(Contact),
  },
  { title: 'VeroConversation' },
);
export type Conversation = Static<typeof Conversation>;

export const Participant = Type.Object(
  {
    user_id: Shown(example.user),
    display_name: Shown(example.person),
    is_agent: Type.Boolean({ examples: [false] }),
    role: Role,
    status: Status,
    avatar_url: Type.Optional(Shown('https://example.org/ada.png')),
    job_title: Type.Optional(Shown('Harbour master')),
  },
  { title: 'VeroParticipant' },
);
export type Participant = Static<typeof Participant>;

export const ConversationPath = Type.Object({ id: Type.String() });
export const ParticipantPath = Type.Object({ id: Type.String(), userId: Type.String() });

const Cursor = Type.String({ maxLength: 1024 });
export const ListConversationsQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.listPageMax })),
  cursor: Type.Optional(Cursor),
  archived: Type.Optional(Type.Boolean({ description: 'Default: both' })),
});
export const ConversationPage = Type.Object({
  conversations: Type.Array(Conversation),
  next_cursor: nullable(Type.String(), nothing),
});

export const CreateConversationBody = Type.Object({
  type: Type.Optional(ConversationType),
  name: Type.Optional(Type.String({ description: '1-120 code points; not of a direct one' })),
  description: Type.Optional(Type.String({ description: 'At most 1,000 code points' })),
  participant_ids: Type.Optional(
    Type.Array(PrincipalId, { maxItems: namedMax, description: 'Without the caller, who is in it anyway' }),
  ),
});
export type CreateConversationBody = Static<typeof CreateConversationBody>;

export const UpdateConversationBody = Type.Object({
  name: Type.Optional(Type.String({ description: '1-120 code points' })),
  description: Type.Optional(nullable(Type.String({ description: 'At most 1,000 code points' }))),
});
export type UpdateConversationBody = Static<typeof UpdateConversationBody>;

const Mode = literals(['for_me', 'for_everyone'] as const);
export type Mode = Static<typeof Mode>;
export const DeleteMode = Type.Object({ mode: Type.Optional(Mode) });
export const DeletedBody = Type.Object({
  conversation_id: Shown(example.conversation),
  mode: Mode,
  deleted_at: Time,
});

export const ListParticipantsQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: participantPageMax })),
  cursor: Type.Optional(Cursor),
});
export const ParticipantPage = Type.Object({
  participants: Type.Array(Participant),
  next_cursor: nullable(Type.String(), nothing),
});
export const AddParticipantsBody = Type.Object({
  user_ids: Type.Array(PrincipalId, { minItems: 1, maxItems: limits.participantsAddedMax }),
});
export const ParticipantsBody = Type.Object({ participants: Type.Array(Participant) });

export const ReadBody = Type.Object({ up_to_seq: Seq });
export const ReadReply = Type.Object({
  conversation_id: Shown(example.conversation),
  last_read_seq: Seq,
  unread_count: Type.Integer({ minimum: 0, examples: [0] }),
});
export const TypingBody = Type.Object({ state: Type.Optional(literals(['start', 'stop'] as const)) });
export const MuteBody = Type.Object({
  until: Type.Optional(Type.String({ description: 'RFC 3339; counts before duration_sec' })),
  duration_sec: Type.Optional(Type.Integer({ description: `1-${muteSecMax}`, examples: [3600] })),
});
export type MuteBody = Static<typeof MuteBody>;
export const MutedReply = Type.Object({
  conversation_id: Shown(example.conversation),
  muted_until: nullable(Time, nothing),
});
export const ArchivedReply = Type.Object({
  conversation_id: Shown(example.conversation),
  archived_at: nullable(Time, nothing),
});
export const UnreadReply = Type.Object({
  conversations: Type.Array(
    Type.Object({
      conversation_id: Shown(example.conversation),
      unread_count: Type.Integer({ minimum: 0, examples: [1] }),
      last_read_seq: Seq,
    }),
  ),
  total: Type.Integer({ minimum: 0, examples: [1] }),
});
