/** What holds for every API: credentials, headers, paging, resuming, control events. Numbers from the limits. */
import { limits } from '../../../domain/limits.ts';
import { list, type Section, table, text } from './reference.ts';

export function guideSections(baseUrl: string): readonly Section[] {
  return [
    section('credentials', 'Credentials', credentials(baseUrl)),
    section('headers', 'Headers', headers),
    section('ids-and-time', 'Ids, time and order', idsAndTime),
    section('repeats', 'Repeating a request', repeats),
    section('paging', 'Paging and resuming', paging),
    section('control', 'Control events', control),
    section('streaming', 'Streamed messages', streaming),
  ];
}

function section(id: string, title: string, blocks: Section['blocks']): Section {
  return { id, title, blocks, entries: [] };
}

const credentials = (baseUrl: string) => [
  text('Every API takes the same credentials; of several the first valid one counts. None valid: 401.'),
  list(
    `Bearer token: \`Authorization: Bearer <access token>\`, from \`POST ${baseUrl}/auth/login\` or \`/auth/signup\`; it lives ${limits.accessTokenSec} seconds, \`/auth/refresh\` renews it`,
    'API key: `X-API-Key: <key>`, or as the bearer; `POST /auth/api-keys` makes one for an agent or a service',
    'Session cookie: `token` (or `symbia_session`), set by login; only for pages of the own origin',
    'Sockets: the same headers, or in the first frame (native: `hello`), or in `auth` (Socket.IO); NATS: as its token',
  ),
  text(
    'An account belongs to one tenant (organization), and sees nothing of others: what the caller may not see is answered like what does not exist. Suspending, revoking and changed roles are effective within a second, also on open sockets.',
  ),
];

const headers = [
  table(
    ['header', 'meaning'],
    [
      ['`X-Org-Id`', "The caller's tenant; another one is refused (403), but for a super admin"],
      ['`X-Service-Id`', 'The service that what is created belongs to; keys of other services do not see it'],
      [
        '`X-Env`',
        '`dev`, `stage` or `prod`: recorded on what is created (default `dev`), and a filter on what is read',
      ],
      [
        '`X-Data-Class`',
        '`none`, `pii`, `phi` or `secret`: recorded on each event. Of `phi` and `secret` texts are encrypted at rest, never indexed, never logged',
      ],
      ['`X-Policy-Ref`', `Opaque, at most ${limits.policyRefCharsMax} characters, recorded on each event`],
      ['`X-As-User-Id`', 'Whom a service speaks for; needs `cap:messaging.impersonate`'],
      ['`Idempotency-Key`', 'A repeated request with it has one effect'],
      ['`traceparent`', 'W3C trace context, carried on'],
    ],
  ),
];

const idsAndTime = [
  list(
    'Ids that Parley makes are UUIDv7. Ids given to it keep their case; UUIDs compare without case.',
    'Times are RFC 3339 in UTC with six fraction digits, and increase strictly within a conversation.',
    '`position` numbers all events of a conversation, `seq` (Symbia: `sequence`) its messages and control events; neither has a gap.',
    'An acknowledged message is durable, in one order for everybody.',
  ),
];

const repeats = [
  text(
    `A message has a client id: \`client_id\` (native), \`id\` or \`Idempotency-Key\` (Symbia). The same id with the same content answers the first message, with other content 409. It is remembered at least ${limits.idempotencyKeptMs / 3_600_000} hours. Whoever saw no answer sends the same again. A UUIDv7 is best, because it tells its age.`,
  ),
];

const paging = [
  list(
    `Symbia: \`GET …/messages\` takes \`before\` and \`after\` (times), \`limit\` (1 to ${limits.historyPageMax}, default 50) and \`order\`. \`after\` the \`created_at\` of the last row neither repeats nor loses one; a short page is the last.`,
    'Lists with a `next_cursor` are read on with `cursor`; null: there is no more.',
    'Native: `open` with `after`, the last cursor (`<epoch>:<position>`), replays exactly what was missed, then goes on live. A cursor of another epoch is refused with `cursor_expired`: open without one and read `history`.',
    'A reader that sees position 7 after 5 has missed 6: `history` with `after_position` fetches it. On sockets this does not happen.',
  ),
];

const control = [
  text('A control event is an entry of the timeline, and takes effect in that order for everybody.'),
  table(
    ['event', 'effect', 'who'],
    [
      [
        '`stream.pause`, `stream.resume`',
        'Agents and services may not post or stream (409 `conversation_paused`), unless `priority` is `critical`',
        '`cap:messaging.interrupt`',
      ],
      [
        '`stream.preempt`, `stream.cancel`',
        'The run, or every open run of the target, is over (409 `run_preempted`); what was streamed stays as an interrupted message',
        '`cap:messaging.interrupt`',
      ],
      [
        '`stream.route`',
        'Only the target agent may speak (409 `not_your_turn`); null ends it',
        '`cap:messaging.route`',
      ],
      ['`stream.handoff`', 'The same', '`cap:messaging.route`, or the agent that has the floor'],
      ['`stream.priority`', 'The default priority of what follows', '`cap:messaging.interrupt`'],
      ['`x.<name>`', 'None; recorded and delivered', '`cap:messaging.interrupt`'],
    ],
  ),
  text(
    'Owners and admins of a tenant hold these scopes. In the native protocol owner and admin of the conversation may pause, resume, preempt and cancel without them.',
  ),
];

const streaming = [
  text(
    `An agent streams a message on the native socket with \`delta\` frames (\`index\` 0, 1, 2…, at most ${limits.deltaBytesMax} bytes each) and ends it with a \`post\` of the same \`message_id\` and \`run\`. A reader that comes in the middle gets the text so far, then the rest. A run that is idle for ${limits.runIdleMs / 60_000} minutes is over.`,
  ),
];
