/** Every field that a line of the log can have: one name for one thing, wherever it is said. */
interface DeclaredField {
  /** JSON Schema of its value. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly says: string;
}

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const idOf = (whose: string) => ({ schema: text, says: `The id of ${whose}` });

export const logFields = {
  action: { schema: text, says: 'What was done, as the audit names it' },
  actor: idOf('the principal who did it'),
  agent: idOf('an agent'),
  away_ms: { schema: { type: 'number', minimum: 0 }, says: 'Milliseconds for which it was away' },
  close_ms_max: { schema: count, says: 'Milliseconds that it had' },
  code: {
    schema: { type: ['string', 'null'] },
    says: 'What was refused, as a code: of a [problem](problems.md), of the operating system (`ENOSPC`), of a store',
  },
  conversation: idOf('a conversation'),
  conversations: { schema: count, says: 'How many conversations' },
  detail: { schema: { type: 'object' }, says: 'What the audit would have known besides' },
  durable: { schema: text, says: 'The name of a JetStream consumer' },
  error: {
    schema: {
      anyOf: [
        {
          type: 'object',
          properties: {
            type: text,
            code: { type: ['string', 'number'] },
            message: text,
            stack: text,
          },
          required: ['type', 'message', 'stack'],
          additionalProperties: false,
        },
        text,
      ],
    },
    says: 'What was thrown: `type`, `code` where it has one, `message`, `stack`; passwords and tokens in it are hidden',
  },
  event: { schema: text, says: 'The id of an event; of Socket.IO: its name' },
  existing: { schema: count, says: 'How many there are' },
  exit_code: { schema: { type: ['integer', 'null'] }, says: 'The exit code; null: a signal ended it' },
  fault: { schema: text, says: 'What its answer was, or that there was none' },
  from: { schema: count, says: 'A sequence of the stream, not read itself' },
  id: idOf('what is sealed: an event, or what is kept beside conversations'),
  log_seq: { schema: count, says: 'The sequence of an event in its stream' },
  media: idOf('an uploaded file'),
  message_id: idOf('a message'),
  migration: { schema: text, says: 'What the migration does' },
  migrations: { schema: { type: 'array', items: text }, says: 'Names of migrations, in their order' },
  model: { schema: text, says: 'The name of a language model' },
  oldest: { schema: {}, says: 'The sequence of the oldest item that is not done; else why it is not known' },
  op: { schema: { type: ['string', 'null'] }, says: 'The frame or verb that was asked for' },
  operation: {
    schema: text,
    says: 'The operation that answers, as in `/docs/openapi.json`; absent: none has such a path',
  },
  part: { schema: text, says: 'The part of a node' },
  partition: { schema: count, says: 'A partition of the log' },
  partitions: { schema: { type: 'array', items: count }, says: 'Partitions of the log' },
  pid: { schema: count, says: 'A process id of this machine' },
  port: { schema: count, says: 'A port of this machine' },
  position: { schema: count, says: 'Where an event is in its conversation' },
  principal: idOf('a principal'),
  reason: { schema: text, says: 'Why, in a word or a sentence of ours' },
  request_id: { schema: text, says: 'The id of a request: its answer has it as `x-request-id`' },
  seconds: { schema: { type: 'number', minimum: 0 }, says: 'How long it took' },
  sequence: { schema: count, says: 'The sequence of an item in its stream' },
  server: { schema: text, says: 'The address of a nats-server' },
  signal: { schema: { type: ['string', 'null'] }, says: 'The signal that ended it' },
  slot: { schema: count, says: 'Which of the workers: `worker` of metrics' },
  sql_state: { schema: text, says: 'The SQLSTATE of PostgreSQL' },
  state: { schema: text, says: 'What was found instead' },
  status: { schema: { type: ['integer', 'null'] }, says: 'An HTTP status; 499: the client went away' },
  subject: {
    schema: { type: ['string', 'null'] },
    says: 'A NATS subject; of the audit: whom or what it is about',
  },
  tenant: { schema: { type: ['string', 'null'] }, says: 'The id of a tenant' },
  tenants: { schema: count, says: 'How many tenants' },
  to: { schema: count, says: 'A sequence of the stream, not read itself' },
  type: { schema: text, says: 'The type of an event' },
  url: { schema: text, says: 'The address of a server' },
  user: { schema: { type: ['string', 'null'] }, says: 'As whom a node is connected to NATS' },
  verb: { schema: text, says: 'What a node asked of another one' },
  wanted: { schema: count, says: 'How many were configured' },
  webhook: idOf('a webhook'),
  what: { schema: text, says: 'Which of them' },
  workers: { schema: count, says: 'How many workers' },
} as const satisfies Readonly<Record<string, DeclaredField>>;

/** What a line has besides those of its message. */
export const ownFields = {
  time: {
    schema: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' },
    says: 'When it was written, by the clock of this machine, UTC',
  },
  level: { schema: { enum: ['debug', 'info', 'warn', 'error'] }, says: '`debug`, `info`, `warn` or `error`' },
  message: { schema: text, says: 'What happened: a constant, so search and alert by it' },
  version: { schema: text, says: 'The version of Parley; on lines of `parley serve`' },
  node: { schema: text, says: 'The id of the node; absent: before it has one, and on lines of a supervisor' },
  trace_id: { schema: text, says: 'The trace that it belongs to, where the caller or the node traces' },
} as const satisfies Readonly<Record<string, DeclaredField>>;

/** On every line. */
export const alwaysFields: readonly (keyof typeof ownFields)[] = ['time', 'level', 'message'];

/** `node` stands here for the one line on which it always is. */
export type FieldName = keyof typeof logFields | 'node';
