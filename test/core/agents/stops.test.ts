import t from 'tap';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { Attention } from '../../../src/core/agents/attention.ts';
import { type OwnRun, standingOfRun, stopsOwnRun } from '../../../src/core/agents/stops.ts';
import type { WatchedConversation } from '../../../src/core/bus.ts';
import type { Event } from '../../../src/domain/event.ts';
import { Problem, type ProblemCode } from '../../../src/domain/problem.ts';
import { type ConversationState, emptyState } from '../../../src/domain/state.ts';
import { freshRef, messageEntry } from '../../kit/log-entries.ts';

const own: OwnRun = { run: 'r1', agent: 'bot', seq: 5 };
const ref = freshRef();

function control(
  event: string,
  more: { seq?: number; run?: string; runs?: string[]; target?: string | null } = {},
): Event {
  const { seq = 6, run, runs = run === undefined ? [] : [run], target = null } = more;
  const { id, conversation, at, v } = messageEntry(ref, seq).event;
  return {
    ...{ v, id, conversation, at, position: seq, seq, type: 'control', actor: { id: 'ann', kind: 'user' } },
    ...(run === undefined ? {} : { run }),
    data: { event, target, runs, reason: null, priority: null, preempted_by: null, metadata: {} },
  };
}

t.test('a preempt or cancel of the run, of the agent or of everybody stops it', async (t) => {
  for (const event of ['stream.preempt', 'stream.cancel']) {
    t.equal(stopsOwnRun(control(event, { run: 'r1' }), own), true);
    t.equal(stopsOwnRun(control(event, { runs: ['x', 'r1'], target: 'bot', seq: 3 }), own), true);
    t.equal(
      stopsOwnRun(control(event, { target: 'bot' }), own),
      true,
      'though the state does not know the run',
    );
    t.equal(stopsOwnRun(control(event), own), true);
    t.equal(stopsOwnRun(control(event, { run: 'other' }), own), false);
    t.equal(stopsOwnRun(control(event, { target: 'otto' }), own), false);
    t.equal(
      stopsOwnRun(control(event, { target: 'bot', seq: 4 }), own),
      false,
      'nor what was said before the message',
    );
  }
  for (const event of ['stream.pause', 'stream.route', 'x.stop'])
    t.equal(stopsOwnRun(control(event), own), false);
  t.equal(stopsOwnRun(messageEntry(ref, 6).event, own), false);
});

const open: ConversationState = {
  ...emptyState(),
  status: 'open',
  participants: new Map([['bot', { id: 'bot', kind: 'agent', role: 'member', joinedAt: 0, joinedSeq: 0 }]]),
};
const paused = { ...open, paused: { by: 'ann', at: '', reason: null } };

t.test('the state says whether a run may go on', async (t) => {
  t.equal(standingOfRun(open, own), 'free');
  t.equal(standingOfRun(paused, own), 'paused');
  t.equal(standingOfRun({ ...paused, priority: 'critical' }, own), 'free');
  t.equal(standingOfRun({ ...open, floor: 'bot' }, own), 'free');
  t.equal(standingOfRun({ ...open, floor: 'otto' }, own), 'over');
  t.equal(standingOfRun({ ...open, stoppedRuns: new Map([['r1', 'preempted']]) }, own), 'over');
  t.equal(standingOfRun({ ...open, participants: new Map() }, own), 'over');
  t.equal(standingOfRun({ ...open, status: 'deleted' }, own), 'over');
});

/** A conversation whose state a test sets. */
function stage(state = open) {
  const watched = { ref, state, stop: () => undefined };
  const closing = new AbortController();
  const attention = new Attention(own, { draining: closing.signal, signal: closing.signal }, openClock());
  attention.begin(watched as WatchedConversation);
  const becomes = (next: ConversationState): void => {
    watched.state = next;
    attention.take(messageEntry(ref, 7).event);
  };
  return { attention, closing, becomes };
}

t.test('the first thing that forbids to speak aborts, once and for all', async (t) => {
  const { attention, becomes } = stage();
  t.equal(attention.signal.aborted, false);
  becomes(paused);
  t.equal(attention.signal.aborted, true);
  t.equal(attention.standing, 'paused');
  becomes(open);
  t.equal(attention.signal.aborted, true, 'what was interrupted begins anew');
  t.equal(attention.standing, 'free');
  attention.take(control('stream.preempt', { target: 'bot' }));
  t.equal(attention.standing, 'over');
});

t.test('whoever waits for the end of a pause hears of it at once, and of every other end', async (t) => {
  for (const next of [open, { ...open, status: 'deleted' as const }]) {
    const { attention, becomes } = stage(paused);
    const free = attention.untilFree();
    becomes({ ...paused, seq: 9 });
    becomes(next);
    await free;
    t.not(attention.standing, 'paused');
  }
  const { attention, closing } = stage(paused);
  const free = attention.untilFree();
  closing.abort();
  await free;
  t.equal(attention.standing, 'paused');
  attention.close();
});

t.test('a refusal of the core counts before its event is heard of', async (t) => {
  const after = (code: ProblemCode): [boolean, string] => {
    const { attention } = stage();
    attention.refused(new Problem(code));
    return [attention.signal.aborted, attention.standing];
  };
  t.same(after('run_preempted'), [true, 'over']);
  t.same(after('not_your_turn'), [true, 'over']);
  t.same(after('conversation_paused'), [true, 'free']);
  t.same(after('unavailable'), [false, 'free'], 'a draft that cannot be stored is no reason to be silent');
  t.same(after('index_gap'), [false, 'free']);
});

t.test('the node that closes interrupts it, too', async (t) => {
  const { attention, closing } = stage();
  closing.abort();
  t.equal(attention.signal.aborted, true);
});
