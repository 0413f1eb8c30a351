/** Sessions on the wire (eliza.md §4): answers are bare objects. */
import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../contract/examples/values.ts';
import { limits } from '../../../domain/limits.ts';
import { AgentResponse, BusMessage, Metadata } from '../messaging/messages/wire.ts';

const optional = Type.Optional;
const shown = (value: unknown) => ({ examples: [value] });
const Text = (value: string, description?: string) =>
  Type.String({ ...shown(value), ...(description === undefined ? {} : { description }) });
const Time = Type.String({ format: 'date-time', ...shown(example.at) });
/** Checked by the routes, in an order and with words of their own. */
const Anything = (value: unknown, description: string) => Type.Unknown({ ...shown(value), description });

export const exampleSession = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const exampleAgent = 'b850bc30-45f8-0041-a00a-83df46d8555d';

export const BySession = Type.Object({ sessionId: Type.String(shown(exampleSession)) });

export const TimeoutConfig = Type.Object({
  timeoutMinutes: Type.Number({ ...shown(30), description: 'Without use it ends after this' }),
  autoRenew: Type.Boolean({ ...shown(true), description: 'Messages and heartbeats renew it' }),
  maxDurationMinutes: Type.Number({
    ...shown(720),
    description: 'However much it is used, it ends after this',
  }),
  warningThresholdMinutes: Type.Number({
    ...shown(5),
    description: 'So long before its end a warning is sent',
  }),
});

export const AskedTimeoutConfig = Type.Object({
  timeoutMinutes: optional(Anything(60, 'A number, also as a text')),
  autoRenew: optional(Anything(true, 'True or false')),
  maxDurationMinutes: optional(Anything(240, 'A number, also as a text')),
  warningThresholdMinutes: optional(Anything(5, 'A number, also as a text')),
});
export type AskedTimeoutConfig = Static<typeof AskedTimeoutConfig>;

export const SessionRequest = Type.Object({
  agentId: optional(Anything(exampleAgent, 'UUID of an agent that runs')),
  userId: optional(Anything(example.user, 'UUID; of a caller with a token of its own its own')),
  metadata: optional(
    Anything({ plan: 'free' }, `At most ${limits.sessionMetadataCharsMax} characters of JSON`),
  ),
  timeoutConfig: optional(
    Anything(
      { timeoutMinutes: 60 },
      'Out of range: the nearest that is not; left out: as the agent is set to',
    ),
  ),
});

const Session = {
  sessionId: Text(exampleSession),
  channelId: Text(example.conversation),
  agentId: Text(exampleAgent),
  userId: Text(example.user),
  createdAt: Time,
  metadata: Metadata,
  expiresAt: Time,
  timeoutConfig: TimeoutConfig,
};
export const BegunSession = Type.Object(Session);
export const SessionInfo = Type.Object({
  ...Session,
  lastActivity: Time,
  renewalCount: Type.Integer(shown(1)),
  timeRemaining: Type.Integer({ ...shown(1_800_000), description: 'Milliseconds' }),
  isNearExpiration: Type.Boolean(shown(false)),
});
export type SessionInfo = Static<typeof SessionInfo>;

export const SessionsQuery = Type.Object({
  limit: optional(Text('100', `1 to ${limits.sessionsListedMax}`)),
  offset: optional(Text('0')),
});
export const SessionList = Type.Object({
  sessions: Type.Array(SessionInfo, { description: 'Those that began last first' }),
  total: Type.Integer({ ...shown(1), description: 'All that are active, whatever the page' }),
  stats: Type.Object({
    totalSessions: Type.Integer(shown(2)),
    activeSessions: Type.Integer(shown(1)),
    expiredSessions: Type.Integer({ ...shown(1), description: 'Not removed yet' }),
  }),
});

export const SessionsHealth = Type.Object({
  status: Type.Literal('healthy'),
  activeSessions: Type.Integer(shown(1)),
  timestamp: Time,
  expiringSoon: Type.Integer(shown(0)),
  uptime: Type.Number({ ...shown(42.5), description: 'Of this node, in seconds' }),
});

export const SessionMessage = Type.Object({
  content: optional(Anything('Hello', `1 to ${limits.sessionContentCharsMax} characters`)),
  attachments: optional(Anything([], 'Any JSON')),
  metadata: optional(Anything({}, `At most ${limits.sessionMetadataCharsMax} characters of JSON`)),
  messageId: optional(Anything(example.message, 'UUID of the message; repeated, the first one is answered')),
  transport: optional(Anything('websocket', '`websocket`, `http` or `sse`')),
  mode: optional(Anything('websocket', 'Older: `websocket`, `sync` or `stream`')),
});
export type SessionMessage = Static<typeof SessionMessage>;

export const SessionStatus = Type.Object({
  expiresAt: Time,
  renewalCount: Type.Integer(shown(1)),
  wasRenewed: Type.Boolean(shown(true)),
  isNearExpiration: Type.Boolean(shown(false)),
});

export const HistoryQuery = Type.Object({
  limit: optional(Text('50', '1 to 100')),
  before: optional(Text('1795168800123', 'Older ones: milliseconds since 1970; exclusive')),
  after: optional(Text('1795168800123', 'Newer ones, the oldest of them; exclusive')),
});
export const HistoryMessage = Type.Object({
  id: Text(example.message),
  content: Text('Hello'),
  authorId: Text(example.user),
  isAgent: Type.Boolean(shown(false)),
  createdAt: Time,
  metadata: Metadata,
});
export const History = Type.Object({
  messages: Type.Array(HistoryMessage, { description: 'Newest first' }),
  hasMore: Type.Boolean(shown(false)),
  cursors: optional(
    Type.Object({
      before: Type.Integer({ ...shown(1_795_168_800_123), description: 'Of the oldest one' }),
      after: Type.Integer({ ...shown(1_795_168_800_123), description: 'Of the newest one' }),
    }),
  ),
});

const Sent = {
  success: Type.Literal(true),
  userMessage: BusMessage,
  agentResponse: optional(AgentResponse),
  sessionStatus: SessionStatus,
};
export const SentMessage = Type.Object({
  ...Sent,
  data: Type.Object(Sent, { description: 'The same again, for clients that look here' }),
});

const Ended = { success: Type.Literal(true), message: Text('Session … deleted successfully') };
export const EndedSession = Type.Object({ ...Ended, data: Type.Object(Ended) });
