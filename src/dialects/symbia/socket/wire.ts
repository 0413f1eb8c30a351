/** What goes over the socket besides message rows: arguments in camelCase, news in camelCase. */
import { type SchemaOptions, type Static, Type } from '@sinclair/typebox';
import { limits } from '../../../domain/limits.ts';
import { ControlBody, EditMessageBody, MessageRow, PostMessageBody } from '../wire.ts';

/** As in ../wire.ts: the documents show the schema, decode.ts checks it in the words of this API. */
const id = (description: string): SchemaOptions => ({ type: 'string', format: 'uuid', description });
const checkedId = (description: string) => Type.Optional(Type.Unknown(id(description)));

export const ConversationArgument = Type.Unknown({ title: 'ConversationId', ...id('Of a conversation.') });
export const MessageArgument = Type.Unknown({ title: 'MessageId', ...id('Of a message.') });

const where = Type.Object({ conversationId: checkedId('Required.') });
export const SendArgument = Type.Composite([where, PostMessageBody], { title: 'SendMessage' });
export type SendArgument = Static<typeof SendArgument>;
export const EditArgument = Type.Composite(
  [Type.Object({ messageId: checkedId('Required.') }), EditMessageBody],
  { title: 'EditMessage' },
);
export type EditArgument = Static<typeof EditArgument>;
export const ControlArgument = Type.Composite([where, ControlBody], { title: 'SendControl' });
export type ControlArgument = Static<typeof ControlArgument>;
export const PresenceArgument = Type.Unknown({
  title: 'PresenceStatus',
  description: `Any JSON of at most ${limits.presenceStatusBytesMax} bytes.`,
});

const success = Type.Literal(true);
export const Done = Type.Object({ success }, { title: 'Done' });
export const MessageAck = Type.Object({ success, message: MessageRow }, { title: 'MessageAck' });
export const ControlAck = Type.Object({ success, control: MessageRow }, { title: 'ControlAck' });

const Uuid = Type.String({ format: 'uuid' });
const userType = Type.Union([Type.Literal('user'), Type.Literal('agent')]);
export const MessageDeletedNews = Type.Object(
  { id: Uuid, conversationId: Uuid },
  { title: 'MessageDeletedNews' },
);
export const TypingNews = Type.Object(
  { conversationId: Uuid, userId: Type.String(), userType },
  { title: 'TypingNews' },
);
export const PresenceChangedNews = Type.Object(
  {
    userId: Type.String(),
    userType,
    agentId: Type.Optional(Type.String({ description: 'Of agents: the same as userId.' })),
    status: Type.Unknown({ description: 'As it was said; `offline` when the last socket is gone.' }),
  },
  { title: 'PresenceChangedNews' },
);
export const ParticipantNews = Type.Object(
  {
    conversationId: Uuid,
    userId: Type.String(),
    userType,
    agentId: Type.Optional(Type.String({ description: 'Of agents: the same as userId.' })),
  },
  { title: 'ParticipantNews' },
);
export const ControlNews = Type.Object(
  {
    event: Type.String(),
    conversationId: Uuid,
    target: Type.Optional(Type.Object({ principalId: Type.String(), principalType: Type.String() })),
    reason: Type.Optional(Type.String()),
    preemptedBy: Type.Optional(Type.String()),
    runId: Type.Optional(Type.String()),
    traceId: Type.Optional(Type.String()),
    priority: Type.Optional(Type.String()),
    effectiveAt: Type.String({ format: 'date-time' }),
  },
  { title: 'ControlNews' },
);
