/** Contract §4 and §6: /api/conversations/:id/control, with the effects of common.md. */

import type { Step, Transcript } from '../../../kit/transcripts/step.ts';
import {
  anything,
  controlRow,
  harbour,
  message,
  notParticipant,
  refused,
  unauthenticated,
} from './shapes.ts';

const path = '/api/conversations/{harbour}';

const sent = (name: string, body: unknown, expect: Step['expect'], as = 'ada'): Step => ({
  name,
  as,
  request: `POST ${path}/control`,
  body,
  expect,
});

const accepted = (event: string, fields: object = {}): Step =>
  sent(event, { event, ...fields }, { status: 201, body: anything });

const posts = (name: string, as: string, status: 201 | 409, body: object = {}): Step => ({
  name,
  as,
  request: `POST ${path}/messages`,
  body: { content: 'hello', ...body },
  expect: status === 201 ? { status, body: anything } : refused(409),
});

const iris = { principalId: '{iris}', principalType: 'agent' };

export const control: readonly Transcript[] = [
  {
    title: 'POST /api/conversations/:id/control: the stored row',
    steps: [
      harbour('{iris}'),
      sent(
        'no more than a name',
        { event: 'stream.pause' },
        { status: 201, body: controlRow('stream.pause', { sequence: 1 }) },
      ),
      sent(
        'every field; the caller’s own `control` loses',
        {
          event: 'stream.preempt',
          target: iris,
          reason: 'enough',
          metadata: { a: 1, control: 'mine' },
          runId: '{uuid.run}',
          traceId: 'trace-1',
          preemptedBy: '{uuid.by}',
        },
        {
          status: 201,
          body: controlRow('stream.preempt', {
            sequence: 2,
            run_id: '{uuid.run}',
            trace_id: 'trace-1',
            preempted_by: '{uuid.by}',
            metadata: {
              a: 1,
              control: {
                event: 'stream.preempt',
                conversationId: '{harbour}',
                target: iris,
                reason: 'enough',
                preemptedBy: '{uuid.by}',
                runId: '{uuid.run}',
                traceId: 'trace-1',
                effectiveAt: /Z$/,
              },
            },
          }),
        },
      ),
      sent(
        'a bare text as target is the principal of that id',
        { event: 'stream.route', target: '{iris}' },
        { status: 201, body: controlRow('stream.route', {}, { target: iris }) },
      ),
      sent(
        'a priority',
        { event: 'stream.priority', priority: 'low' },
        { status: 201, body: controlRow('stream.priority', {}, { priority: 'low' }) },
      ),
      sent('a name of one’s own', { event: 'x.note' }, { status: 201, body: controlRow('x.note') }),
      {
        name: 'they stand among the messages, in order',
        as: 'iris',
        request: `GET ${path}/messages?limit=1`,
        expect: { status: 200, body: [controlRow('stream.pause', { sequence: 1 })] },
      },
    ],
  },
  {
    title: 'POST /api/conversations/:id/control: errors',
    steps: [
      harbour('{ben}', '{iris}'),
      sent('no event', {}, refused(400, 'Control event is required')),
      sent('an empty one', { event: '' }, refused(400, 'Control event is required')),
      sent('one that is no text', { event: 5 }, refused(400, 'Control event is required')),
      sent('an unknown name, which upstream would emit', { event: 'message:deleted' }, refused(400)),
      sent('a name that Socket.IO reserves', { event: 'disconnect' }, refused(400)),
      sent('somebody outside', { event: 'stream.pause' }, notParticipant, 'cleo'),
      sent('a service outside, whatever its scopes', { event: 'stream.pause' }, notParticipant, 'hook'),
      sent('another tenant', { event: 'stream.pause' }, notParticipant, 'stranger'),
      sent(
        'a participant without the scope',
        { event: 'stream.pause' },
        refused(403, 'Not authorized to send control events'),
        'ben',
      ),
      sent(
        'to route takes the other scope',
        { event: 'stream.route', target: iris },
        refused(403, 'Not authorized to send control events'),
        'ben',
      ),
      sent(
        'an agent without the scope',
        { event: 'stream.cancel' },
        refused(403, 'Not authorized to send control events'),
        'iris',
      ),
      {
        name: 'one that does not exist',
        as: 'ada',
        request: 'POST /api/conversations/{uuid.nothing}/control',
        body: { event: 'stream.pause' },
        expect: notParticipant,
      },
      sent('without a credential', { event: 'stream.pause' }, unauthenticated, 'nobody'),
    ],
  },
  {
    title: 'stream.pause and stream.resume have effect',
    steps: [
      harbour('{ben}', '{iris}'),
      accepted('stream.pause'),
      posts('agents are held', 'iris', 409),
      posts('services too', 'hook', 409),
      posts('people are not', 'ben', 201),
      posts('nor is what is critical', 'iris', 201, { priority: 'critical' }),
      accepted('stream.resume'),
      posts('the pause is lifted', 'iris', 201),
    ],
  },
  {
    title: 'stream.preempt and stream.cancel end runs',
    steps: [
      harbour('{iris}'),
      posts('a run', 'iris', 201, { runId: '{uuid.one}' }),
      posts('another run', 'iris', 201, { runId: '{uuid.two}' }),
      accepted('stream.preempt', { runId: '{uuid.one}' }),
      posts('the preempted one', 'iris', 409, { runId: '{uuid.one}', priority: 'critical' }),
      posts('the other one goes on', 'iris', 201, { runId: '{uuid.two}' }),
      accepted('stream.cancel', { target: iris }),
      posts('until all of the agent are cancelled', 'iris', 409, { runId: '{uuid.two}' }),
      posts('a new run', 'iris', 201, { runId: '{uuid.three}' }),
    ],
  },
  {
    title: 'stream.route and stream.handoff give the floor',
    steps: [
      harbour('{iris}', '{juno}', '{ben}'),
      accepted('stream.route', { target: iris }),
      posts('who has the floor', 'iris', 201),
      posts('another agent', 'juno', 409),
      posts('people never wait for it', 'ben', 201),
      sent(
        'who holds it hands it on without a scope',
        { event: 'stream.handoff', target: { principalId: '{juno}', principalType: 'agent' } },
        { status: 201, body: anything },
        'iris',
      ),
      posts('the new holder', 'juno', 201),
      posts('the former one', 'iris', 409),
      accepted('stream.route', { target: null }),
      posts('nobody holds it', 'iris', 201),
    ],
  },
  {
    title: 'stream.priority sets the default of what follows',
    steps: [
      harbour(),
      accepted('stream.priority', { metadata: { priority: 'high' } }),
      {
        name: 'without a priority of its own',
        as: 'ada',
        request: `POST ${path}/messages`,
        body: { content: 'hello' },
        expect: { status: 201, body: message({ priority: 'high' }) },
      },
      {
        name: 'with one',
        as: 'ada',
        request: `POST ${path}/messages`,
        body: { content: 'hello', priority: 'low' },
        expect: { status: 201, body: message({ priority: 'low' }) },
      },
    ],
  },
];
