import t from 'tap';
import type { ControlCommand } from '../../../src/domain/command.ts';
import { hasScope, type Principal, type Scope } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { control, post } from '../../kit/memory/memory-commands.ts';
import type { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { ada, ben, cleo, dora, harbour, hook, iris, juno, refusal } from '../../kit/memory/memory-harbour.ts';
import { agent, interrupt, person, route, uuid } from '../../kit/memory/memory-principals.ts';

const interrupting = [
  'stream.pause',
  'stream.resume',
  'stream.preempt',
  'stream.cancel',
  'stream.priority',
  'x.note',
];
const routing = ['stream.route', 'stream.handoff'];

const command = (event: string, fields: Partial<ControlCommand> = {}): ControlCommand =>
  control(event, { target: 'iris', priority: 'high', ...fields });

const holding = (principal: Principal, scopes: readonly Scope[]): Principal => ({ ...principal, scopes });

for (const event of [...interrupting, ...routing]) {
  const scope: Scope = routing.includes(event) ? 'cap:messaging.route' : 'cap:messaging.interrupt';
  const other = routing.includes(event) ? interrupt : route;

  t.test(`${event} is accepted from a participant of any kind that holds ${scope}`, async (t) => {
    for (const principal of [ada, cleo, iris, hook]) {
      t.equal(refusal(harbour().decide(holding(principal, [scope]), command(event))), 'ok', principal.id);
    }
  });

  t.test(`${event} is refused to a participant with the other scope or none, owners included`, async (t) => {
    for (const principal of [ada, ben, cleo, iris, holding(ada, other), holding(hook, [])]) {
      t.equal(refusal(harbour().decide(principal, command(event))), 'control_not_allowed', principal.id);
    }
  });

  const isByRole = ['stream.pause', 'stream.resume', 'stream.preempt', 'stream.cancel'].includes(event);
  const ofRole = isByRole ? 'ok' : 'control_not_allowed';
  t.test(
    `${event} is ${isByRole ? '' : 'not '}owner's and admin's right where the role suffices`,
    async (t) => {
      const byRole = command(event, { roleSuffices: true });
      t.equal(refusal(harbour().decide(ada, byRole)), ofRole);
      t.equal(refusal(harbour().decide(ben, byRole)), ofRole);
      t.equal(refusal(harbour().decide(cleo, byRole)), 'control_not_allowed');
    },
  );

  t.test(`${event} from outside is answered like a conversation that does not exist`, async (t) => {
    t.equal(refusal(harbour().decide(holding(dora, [scope]), command(event))), 'not_found');
    const observer = holding(dora, [scope, 'cap:messaging.observe']);
    t.equal(refusal(harbour().decide(observer, command(event))), 'not_a_participant');
  });
}

t.test('a super admin who takes part needs no scope', async (t) => {
  const root = person('ada', { superAdmin: true });
  t.ok(hasScope(root, 'cap:messaging.interrupt'));
  t.equal(refusal(harbour().decide(root, command('stream.pause'))), 'ok');
});

t.test('any other name is refused, whoever asks', async (t) => {
  const root = person('ada', { superAdmin: true });
  const names = [
    'stream.stop',
    'pause',
    'x.',
    'x. y',
    'X.note',
    'message:deleted',
    'disconnect',
    '',
    'constructor',
  ];
  for (const name of [...names, 'toString', '__proto__', 'hasOwnProperty', `x.${'a'.repeat(101)}`, 'x.a\n']) {
    const answer = harbour().decide(root, command(name, { roleSuffices: true }));
    t.equal(answer instanceof Problem && answer.code, 'invalid_request', name);
  }
});

t.test('stream.priority needs a priority and stream.handoff a target', async (t) => {
  t.equal(refusal(harbour().decide(hook, control('stream.priority'))), 'invalid_control');
  t.equal(refusal(harbour().decide(hook, control('stream.handoff'))), 'invalid_control');
});

t.test(
  'the agent that holds the floor may hand it off without a scope, and no other agent may',
  async (t) => {
    const c = harbour();
    c.accept(hook, control('stream.route', { target: 'iris' }));
    t.equal(refusal(c.decide(juno, control('stream.handoff', { target: 'juno' }))), 'control_not_allowed');
    t.equal(refusal(c.decide(iris, control('stream.route', { target: 'juno' }))), 'control_not_allowed');
    c.accept(iris, control('stream.handoff', { target: 'juno' }));
    t.equal(c.state.floor, 'juno');
    t.equal(refusal(c.decide(iris, control('stream.handoff', { target: 'iris' }))), 'control_not_allowed');
  },
);

t.test('each control event is one event with a seq of its own', async (t) => {
  const c = harbour();
  const { events } = c.accept(hook, control('x.note', { reason: 'why', metadata: { a: 1 }, run: 'r' }));
  t.match(events, [
    {
      type: 'control',
      position: 2,
      seq: 1,
      run: 'r',
      actor: { id: 'hook', kind: 'service' },
      data: { event: 'x.note', target: null, reason: 'why', metadata: { a: 1 }, priority: null },
    },
  ]);
});

t.test('a pause stops agents and services and nobody else, until the resume', async (t) => {
  const c = harbour();
  const answers = (): string[] =>
    [ada, cleo, iris, juno, hook].map((who) => refusal(c.decide(who, post('hi'))));
  c.accept(hook, control('stream.pause', { reason: 'lunch' }));
  t.match(c.state.paused, { by: 'hook', reason: 'lunch' });
  t.same(answers(), ['ok', 'ok', 'conversation_paused', 'conversation_paused', 'conversation_paused']);
  c.accept(hook, control('stream.resume'));
  t.equal(c.state.paused, null);
  t.same(answers(), ['ok', 'ok', 'ok', 'ok', 'ok']);
});

t.test('critical passes a pause, but neither the floor of another agent nor a stop', async (t) => {
  const c = harbour();
  const critical = { priority: 'critical' as const };
  c.accept(iris, post('working', { run: 'r1' }));
  c.accept(hook, control('stream.pause'));
  t.equal(refusal(c.decide(iris, post('fire', critical))), 'ok');
  t.equal(refusal(c.decide(hook, post('fire', critical))), 'ok');
  t.equal(refusal(c.decide(iris, post('fire', { priority: 'high' }))), 'conversation_paused');
  c.accept(hook, control('stream.route', { target: 'juno' }));
  t.equal(refusal(c.decide(iris, post('fire', critical))), 'not_your_turn');
  c.accept(hook, control('stream.preempt', { run: 'r1' }));
  t.equal(refusal(c.decide(iris, post('fire', { ...critical, run: 'r1' }))), 'run_preempted');
});

t.test('the floor binds agents only, and a null target or the removal of its holder clears it', async (t) => {
  const c = harbour();
  const answers = (): string[] =>
    [ada, cleo, iris, juno, hook].map((who) => refusal(c.decide(who, post('hi'))));
  c.accept(hook, control('stream.route', { target: 'iris' }));
  t.same(answers(), ['ok', 'ok', 'ok', 'not_your_turn', 'ok']);
  c.accept(hook, control('stream.route'));
  t.same(answers(), ['ok', 'ok', 'ok', 'ok', 'ok']);
  c.accept(hook, control('stream.route', { target: 'iris' }));
  c.accept(ada, { op: 'participant.remove', participant: 'iris' });
  t.equal(c.state.floor, null);
});

t.test(
  'stream.priority sets what follows, for the conversation or for one run, and a post may say otherwise',
  async (t) => {
    const c = harbour();
    const priorityOf = (fields: object): unknown => {
      const answer = c.accept(ada, post('hi', fields)).events[0];
      return answer?.type === 'message.posted' && answer.data.priority;
    };
    t.equal(priorityOf({}), 'normal');
    c.accept(hook, control('stream.priority', { priority: 'low' }));
    c.accept(hook, control('stream.priority', { priority: 'high', run: 'r1' }));
    t.equal(priorityOf({}), 'low');
    t.equal(priorityOf({ run: 'r1' }), 'high');
    t.equal(priorityOf({ run: 'r2' }), 'low');
    t.equal(priorityOf({ run: 'r1', priority: 'critical' }), 'critical');
  },
);

for (const [event, recorded] of [
  ['stream.preempt', 'preempted'],
  ['stream.cancel', 'cancelled'],
] as const) {
  t.test(`${event} stops the named run for everybody, and no other run`, async (t) => {
    const c = harbour();
    c.accept(hook, control(event, { run: 'r1' }));
    t.same([...c.state.stoppedRuns], [['r1', recorded]]);
    for (const who of [ada, iris, hook])
      t.equal(refusal(c.decide(who, post('x', { run: 'r1' }))), 'run_preempted');
    t.equal(refusal(c.decide(iris, post('x', { run: 'r2' }))), 'ok');
    t.equal(refusal(c.decide(iris, post('x'))), 'ok');
  });

  t.test(`${event} with a target stops every open run of that agent, posted or streamed`, async (t) => {
    const c = harbour();
    c.accept(iris, post('a', { run: 'posted' }));
    c.accept(iris, post('b', { run: 'ended' }));
    c.accept(iris, post('c', { run: 'ended', endRun: true }));
    c.accept(juno, post('d', { run: 'of-juno' }));
    c.drafts = [draft(iris, 'streamed', uuid(7)), draft(juno, 'streamed-by-juno', uuid(8))];
    c.accept(hook, control(event, { target: 'iris' }));
    t.same([...c.state.stoppedRuns.keys()].sort(), ['posted', 'streamed']);
    t.same([...c.state.openRuns.keys()], ['of-juno']);
  });

  t.test(`${event} without run and target stops every open run`, async (t) => {
    const c = harbour();
    c.accept(iris, post('a', { run: 'one' }));
    c.accept(juno, post('d', { run: 'two' }));
    c.accept(hook, control(event));
    t.same([...c.state.stoppedRuns.keys()].sort(), ['one', 'two']);
  });

  t.test(`${event} leaves the text that was seen as an interrupted message just before itself`, async (t) => {
    const c = harbour();
    c.drafts = [draft(iris, 'r1', uuid(7), 'Once upon'), draft(juno, 'r2', uuid(8), 'other')];
    const { events } = c.accept(hook, control(event, { run: 'r1', preemptedBy: 'ada' }));
    t.match(events, [
      {
        type: 'message.posted',
        seq: 1,
        run: 'r1',
        actor: { id: 'iris', kind: 'agent' },
        data: { message_id: uuid(7), content: 'Once upon', interrupted: true, preempted_by: 'ada' },
      },
      { type: 'control', seq: 2, data: { runs: ['r1'] } },
    ]);
    t.equal(events.length, 2);
    t.equal(c.state.openRuns.size, 0);
  });
}

t.test('who preempts is named on the interrupted message when the command names nobody', async (t) => {
  const c = harbour();
  c.drafts = [draft(iris, 'r1', uuid(7))];
  const { events } = c.accept(hook, control('stream.preempt', { run: 'r1' }));
  t.match(events[0]?.data, { preempted_by: 'hook' });
});

t.test('a draft that was posted meanwhile, or whose author has left, leaves nothing behind', async (t) => {
  const c = harbour();
  c.accept(iris, post('whole', { run: 'r1', messageId: uuid(7) }));
  c.accept(ada, { op: 'participant.remove', participant: 'juno' });
  c.drafts = [draft(iris, 'r1', uuid(7)), draft(juno, 'r2', uuid(8))];
  t.same(types(c, control('stream.preempt')), ['control']);
});

t.test('what a straggler streamed after its run was stopped never becomes a message', async (t) => {
  const c = harbour();
  c.accept(hook, control('stream.preempt', { run: 'r1' }));
  c.drafts = [draft(iris, 'r1', uuid(7))];
  t.same(types(c, control('stream.cancel', { run: 'r1' })), ['control']);
  t.equal(c.state.stoppedRuns.get('r1'), 'cancelled');
});

t.test('the interrupted text and the agent’s own post of that message are never both stored', async (t) => {
  const c = harbour();
  c.drafts = [draft(iris, 'r1', uuid(7), 'Once upon a')];
  c.accept(hook, control('stream.preempt', { run: 'r1' }));
  const whole = post('Once upon a', { messageId: uuid(7) });
  t.equal(refusal(c.decide(iris, { ...whole, run: 'r1' })), 'run_preempted');
  t.equal(refusal(c.decide(iris, whole)), 'message_id_taken');
});

t.test('the newest thousand stopped runs are remembered', async (t) => {
  const c = harbour();
  for (let run = 0; run < 1_001; run += 1) c.accept(hook, control('stream.cancel', { run: `r${run}` }));
  t.equal(c.state.stoppedRuns.size, 1_000);
  t.notOk(c.state.stoppedRuns.has('r0'));
  t.ok(c.state.stoppedRuns.has('r1000'));
});

t.test('an agent of another service or environment does not know of the conversation', async (t) => {
  const c = harbour({ service: 'billing', env: 'prod' });
  const bound = agent('iris', { service: 'support', scopes: interrupt });
  t.equal(refusal(c.decide(bound, control('stream.pause'))), 'not_found');
  const inDev = c.decide({ ...iris, scopes: interrupt }, control('stream.pause'), c.context({ env: 'dev' }));
  t.equal(refusal(inDev), 'not_found');
});

function draft(author: Principal, run: string, messageId: string, text = 'half') {
  return { messageId, run, author: { id: author.id, kind: author.kind }, dataClass: 'none' as const, text };
}

function types(c: MemoryConversation, of: ControlCommand): string[] {
  return c.accept(hook, of).events.map((event) => event.type);
}
