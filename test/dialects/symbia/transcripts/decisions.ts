/** The contract’s "Our decisions", by their numbers, where no row of §4 shows them already. */

import type { Expected, Step, Transcript } from '../../../kit/transcripts/step.ts';
import {
  anything,
  controlRow,
  conversation,
  harbour,
  message,
  noConversation,
  noMessage,
  noParticipant,
  notParticipant,
  participant,
  post,
  refused,
  time,
} from './shapes.ts';

const path = '/api/conversations/{harbour}';

const posted = (name: string, as: string, body: object, expect: Expected): Step => ({
  name,
  as,
  request: `POST ${path}/messages`,
  body,
  expect,
});

/** The same request by somebody who may not see the conversation, and about one that does not exist. */
const hidden = (method: string, rest: string, expect: Expected, body?: object): Step[] =>
  [path, '/api/conversations/{uuid.nothing}'].map((at) => ({
    name: at === path ? 'hidden' : 'missing',
    as: 'stranger',
    request: `${method} ${at}${rest}`,
    ...(body === undefined ? {} : { body }),
    expect,
  }));

const gone = '{uuid.gone}';

export const decisions: readonly Transcript[] = [
  {
    title: '1: missing and hidden are one answer',
    steps: [
      harbour(),
      ...hidden('GET', '', notParticipant),
      ...hidden('PATCH', '', notParticipant, { name: 'x' }),
      ...hidden('DELETE', '', notParticipant),
      ...hidden('GET', '/messages', notParticipant),
      ...hidden('POST', '/messages', notParticipant, { content: 'x' }),
      ...hidden('PATCH', `/messages/${gone}`, notParticipant, { content: 'x' }),
      ...hidden('DELETE', `/messages/${gone}`, notParticipant),
      ...hidden('GET', `/messages/${gone}/history`, notParticipant),
      ...hidden('POST', '/control', notParticipant, { event: 'stream.pause' }),
      ...hidden('POST', '/join', noConversation),
      ...hidden('POST', '/leave', refused(404, 'Not a participant in this conversation')),
      ...hidden('POST', '/participants', noConversation, { userId: 'x' }),
      ...hidden('DELETE', '/participants/{ada}', noConversation),
      ...hidden('PATCH', '/participants/{ada}', noConversation, { role: 'member' }),
    ],
  },
  {
    title: '3: an agent or service that posts from outside is a member first',
    steps: [
      harbour(),
      posted(
        'an agent',
        'iris',
        { content: 'hello' },
        {
          status: 201,
          body: message({ sender_id: '{iris}', sender_type: 'agent', sequence: 1 }),
        },
      ),
      posted(
        'a service',
        'hook',
        { content: 'hello' },
        {
          status: 201,
          body: message({ sender_id: '{hook}', sender_type: 'service', sequence: 2 }),
        },
      ),
      posted('a person', 'ben', { content: 'hello' }, notParticipant),
      posted('somebody of another tenant', 'stranger', { content: 'hello' }, notParticipant),
      {
        name: 'both are in it now',
        as: 'ada',
        request: `GET ${path}`,
        expect: {
          status: 200,
          body: {
            ...conversation(),
            participants: [
              participant('{ada}', { role: 'owner' }),
              participant('{iris}', { user_type: 'agent' }),
              participant('{hook}', { user_type: 'agent' }),
            ],
          },
        },
      },
    ],
  },
  {
    title: '4: a message id is an idempotency key',
    steps: [
      harbour('{ben}'),
      posted(
        'first',
        'ben',
        { content: 'hello', id: '{uuid.key}' },
        {
          status: 201,
          body: message({ id: '{uuid.key}', sender_id: '{ben}', sequence: 1 }),
        },
      ),
      post('ben', 'something else', 'other'),
      posted(
        'the same again is the first row',
        'ben',
        { content: 'hello', id: '{uuid.key}' },
        {
          status: 201,
          body: message({ id: '{uuid.key}', sender_id: '{ben}', sequence: 1 }),
        },
      ),
      posted('other content', 'ben', { content: 'hello!', id: '{uuid.key}' }, refused(409)),
      posted('another sender', 'ada', { content: 'hello', id: '{uuid.key}' }, refused(409)),
      {
        name: 'the key is of one conversation: the same id elsewhere',
        as: 'ben',
        request: 'POST /api/conversations',
        body: { type: 'private' },
        expect: { status: 201, body: anything },
        keep: { pier: 'id' },
      },
      {
        name: 'shows nothing of the first',
        as: 'ben',
        request: 'POST /api/conversations/{pier}/messages',
        body: { content: 'on the pier', id: '{uuid.key}' },
        expect: {
          status: 201,
          body: message({
            id: '{uuid.key}',
            conversation_id: '{pier}',
            sender_id: '{ben}',
            content: 'on the pier',
            sequence: 1,
          }),
        },
      },
      {
        name: 'deleted',
        as: 'ben',
        request: `DELETE ${path}/messages/{uuid.key}`,
        expect: { status: 204 },
      },
      posted('it stays deleted', 'ben', { content: 'hello', id: '{uuid.key}' }, refused(409)),
      posted('an id that is no UUID', 'ben', { content: 'hello', id: 'key' }, refused(400)),
      posted('a runId that is no UUID', 'ben', { content: 'hello', runId: 'run' }, refused(400)),
      {
        ...posted(
          'Idempotency-Key does the same',
          'ben',
          { content: 'keyed' },
          {
            status: 201,
            body: message({ sender_id: '{ben}', content: 'keyed', sequence: 3 }),
          },
        ),
        headers: { 'idempotency-key': 'k1' },
        times: 2,
      },
    ],
  },
  {
    title: '5: role is honoured for owners, and never changes by adding again',
    steps: [
      harbour('{ben}'),
      {
        name: 'an owner adds an admin',
        as: 'ada',
        request: `POST ${path}/participants`,
        body: { userId: '{ben}', role: 'admin' },
        expect: { status: 201, body: participant('{ben}') },
      },
      {
        name: 'who was not in it becomes what the owner says',
        as: 'ada',
        request: `POST ${path}/participants`,
        body: { userId: '{cleo}', role: 'admin' },
        expect: { status: 201, body: participant('{cleo}', { role: 'admin' }) },
      },
      {
        name: 'an admin’s wish is ignored',
        as: 'cleo',
        request: `POST ${path}/participants`,
        body: { userId: 'assistant:x', role: 'owner' },
        expect: { status: 201, body: participant('assistant:x', { user_type: 'agent' }) },
      },
      {
        name: 'somebody who is not in it cannot be given a role',
        as: 'ada',
        request: `PATCH ${path}/participants/assistant:y`,
        body: { role: 'owner' },
        expect: noParticipant,
      },
    ],
  },
  {
    title: '6: control rows can be neither edited nor deleted',
    steps: [
      harbour(),
      {
        name: 'a control row',
        as: 'ada',
        request: `POST ${path}/control`,
        body: { event: 'x.note' },
        expect: { status: 201, body: controlRow('x.note') },
        keep: { row: 'id' },
      },
      {
        name: 'edit',
        as: 'ada',
        request: `PATCH ${path}/messages/{row}`,
        body: { content: 'stream.pause' },
        expect: refused(403),
      },
      {
        name: 'delete',
        as: 'ada',
        request: `DELETE ${path}/messages/{row}`,
        expect: refused(403),
      },
      {
        name: 'it is there',
        as: 'ada',
        request: `GET ${path}/messages`,
        expect: { status: 200, body: [controlRow('x.note', { id: '{row}' })] },
      },
      {
        name: 'a message of another conversation is none of this one',
        as: 'ada',
        request: `DELETE ${path}/messages/{uuid.elsewhere}`,
        expect: noMessage,
      },
    ],
  },
  {
    title: '§4: reading moves last_read_at of the reader alone',
    steps: [
      harbour('{ben}'),
      post('ada', 'hello'),
      {
        name: 'Ben reads',
        as: 'ben',
        request: `GET ${path}/messages`,
        expect: { status: 200, body: [message()] },
      },
      {
        name: 'it shows',
        as: 'ada',
        request: `GET ${path}`,
        expect: {
          status: 200,
          body: {
            ...conversation(),
            participants: [
              participant('{ada}', { role: 'owner' }),
              participant('{ben}', { last_read_at: time }),
            ],
          },
        },
      },
    ],
  },
];
