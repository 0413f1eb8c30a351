/** The words that transcripts of ElizaOS share. */
import type { Expected, Shape, Step } from '../../../kit/transcripts/step.ts';

export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Six fraction digits, UTC (common.md). */
export const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
export const millis = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 1.7e12;
export const text = (value: unknown): boolean => typeof value === 'string' && value !== '';
export const nil = '00000000-0000-0000-0000-000000000000';
/** Nobody has it. */
export const nothing = '99999999-9999-4999-8999-999999999999';

export const answered = (data: Shape, status = 200): Expected => ({ status, body: { success: true, data } });
export const gone: Expected = { status: 204 };

/** E1 */
export const refused = (status: number, code: string, message: Shape = text): Expected => ({
  status,
  body: { success: false, error: { code, message } },
});

/** E2 */
export const refusedInText = (status: number, error: Shape): Expected => ({
  status,
  body: { success: false, error },
});

/** E3 */
export const refusedBySession = (
  status: number,
  code: string,
  message: Shape,
  details?: Shape,
): Expected => ({
  status,
  body: { error: { code, message, timestamp: time, ...(details === undefined ? {} : { details }) } },
});

/** E4 */
export const refusedByServer = (code: number): Expected => ({
  status: code,
  body: { success: false, error: { message: text, code } },
});

/** E5 */
export const unknownCaller: Expected = {
  status: 401,
  body: { error: 'API key required', message: 'Missing or invalid X-API-KEY header' },
};

/** A message as it is answered to who posts it: BusMessage. */
export const busMessage = (content: string, fields: Readonly<Record<string, Shape>> = {}): Shape => ({
  ...{ id: uuid, channel_id: '{channel}', message_server_id: nil, author_id: '{ada}', content },
  ...{ created_at: millis, source_type: 'eliza_gui', metadata: {}, ...fields },
});

/** A message as it is kept: Message. */
export const messageRow = (content: string, fields: Readonly<Record<string, Shape>> = {}): Shape => ({
  ...{ id: uuid, channelId: '{channel}', authorId: '{ada}', content, sourceType: 'eliza_gui', metadata: {} },
  ...{ inReplyToRootMessageId: null, createdAt: time, updatedAt: time, ...fields },
});

/** The same on a page: its times are numbers, too. */
export const listedRow = (content: string, fields: Readonly<Record<string, Shape>> = {}): Shape =>
  messageRow(content, { created_at: millis, updated_at: millis, ...fields });

/** `ada` owns the tenant unless `as` says otherwise. */
export const asked = (name: string, request: string, expect: Expected, fields: Partial<Step> = {}): Step => ({
  name,
  as: 'ada',
  request,
  expect,
  ...fields,
});

/** An agent of Ada's that runs, as `{agent}`. */
export const startedAgent = (name: string): readonly Step[] => [
  asked('an agent is made', 'POST /api/agents', answered({ id: uuid, character: { name, id: uuid } }, 201), {
    ...{ body: { characterJson: { name } }, keep: { agent: 'data.id' } },
  }),
  asked('and started', 'POST /api/agents/{agent}/start', answered({ id: '{agent}', name, status: 'active' })),
];

/** A channel of Ada, Ben and Iris, who does not run and so says only what she is made to say; as `{channel}`. */
export const madeChannel = (name: string): Step =>
  asked('a channel is made', 'POST /api/messaging/channels', answered(channelRow(name, { id: uuid }), 201), {
    body: { name, participantCentralUserIds: ['{ada}', '{ben}', '{iris}'], message_server_id: nil },
    keep: { channel: 'data.id' },
  });

export const channelRow = (name: string, fields: Readonly<Record<string, Shape>> = {}): Shape => ({
  ...{ id: '{channel}', messageServerId: nil, name, type: 'GROUP' },
  metadata: { participantCentralUserIds: ['{ada}', '{ben}', '{iris}'] },
  ...{ createdAt: time, updatedAt: time, ...fields },
});

/** The agent is greeted, and has answered; in the channel `{uuid.talk}`. */
export const talkedWith = (): Step =>
  asked(
    'it is talked with',
    'POST /api/messaging/channels/{uuid.talk}/messages',
    { status: 201, body: (value) => Object.hasOwn(value as object, 'agentResponse') },
    {
      body: {
        content: 'Hello',
        messageId: '{uuid.greeting}',
        transport: 'http',
        metadata: { targetAgentId: '{agent}' },
      },
    },
  );
