/** Random commands by several principals: what must hold of every log, whatever was asked. */
import fc from 'fast-check';
import t from 'tap';
import type { Command } from '../../src/domain/command.ts';
import type { LogEntry } from '../../src/domain/event.ts';
import { evolveAll } from '../../src/domain/evolve/evolve.ts';
import type { Principal } from '../../src/domain/principal.ts';
import { type ConversationState, emptyState } from '../../src/domain/state.ts';
import { applyToTimeline, entryId, type TimelineEntry } from '../../src/domain/timeline.ts';
import { control, create, member, post } from '../kit/memory/memory-commands.ts';
import { MemoryConversation } from '../kit/memory/memory-conversation.ts';
import { agent, everyControl, person, service, uuid } from '../kit/memory/memory-principals.ts';

const people = [person('ada', { scopes: everyControl }), person('ben'), person('cleo')];
const agents = [agent('iris'), agent('juno', { scopes: everyControl }), agent('nova')];
const principals = [...people, ...agents, service('hook', { scopes: everyControl })];

const oneOf = <T>(...list: readonly T[]) => fc.constantFrom(...list);
const id = oneOf(...principals.map((one) => one.id), 'stranger');
const run = oneOf(null, 'r1', 'r2', 'r3');
const optionalPriority = oneOf(null, null, null, 'low' as const, 'high' as const, 'critical' as const);
/** The n-th newest entry, so that most references hit. */
const back = fc.nat({ max: 5 });
const messageId = oneOf(null, null, uuid(1, 4), uuid(2, 4), uuid(3, 4));

type Step = { who: Principal; ms: number; back: number; command: Command; draft: string | null };

const posting = fc.record({
  content: oneOf('a', 'b', 'c'),
  clientId: oneOf(null, 'c1', 'c2', 'c3', 'c4'),
  messageId,
  run,
  endRun: fc.boolean(),
  priority: optionalPriority,
  mayJoin: fc.boolean(),
});
const controlling = fc.record({
  event: oneOf(
    ...['stream.pause', 'stream.resume', 'stream.preempt', 'stream.cancel', 'stream.route', 'stream.handoff'],
    ...['stream.priority', 'x.note', 'nonsense'],
  ),
  target: fc.option(id),
  run,
  priority: optionalPriority,
  roleSuffices: fc.boolean(),
});
const role = oneOf('owner' as const, 'admin' as const, 'member' as const);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: posting.map(({ content, ...fields }) => post(content, fields)) },
  { weight: 4, arbitrary: controlling.map(({ event, ...fields }) => control(event, fields)) },
  {
    weight: 2,
    arbitrary: oneOf('x', 'y').map((content) => ({
      op: 'edit' as const,
      message: '',
      content,
      metadata: null,
    })),
  },
  { weight: 2, arbitrary: fc.constant({ op: 'delete' as const, message: '' }) },
  { weight: 2, arbitrary: oneOf('👍', '👎').map((emoji) => ({ op: 'react' as const, message: '', emoji })) },
  { weight: 1, arbitrary: fc.constant({ op: 'join' as const }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(oneOf(...principals), role)
      .map(([who, as]) => ({ op: 'participant.add' as const, participant: member(who, as) })),
  },
  { weight: 1, arbitrary: id.map((participant) => ({ op: 'participant.remove' as const, participant })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(id, role)
      .map(([participant, as]) => ({ op: 'participant.role' as const, participant, role: as })),
  },
  { weight: 1, arbitrary: fc.option(oneOf('n', 'm')).map((name) => ({ op: 'update' as const, name })) },
  {
    weight: 1,
    arbitrary: oneOf('active' as const, 'archived' as const, 'closed' as const).map((stage) => ({
      op: 'update' as const,
      stage,
    })),
  },
);

const step: fc.Arbitrary<Step> = fc.record({
  who: oneOf(...principals),
  // Now and then the clock steps back, or a quarter of an hour goes by.
  ms: oneOf(0, 0, 1, 5, -10, 60_000, 16 * 60_000),
  back,
  command,
  draft: run,
});

/** Everybody of the cast but Nova is in it when the random part begins. */
function play(steps: readonly Step[]): MemoryConversation {
  const c = new MemoryConversation();
  const participants = principals.filter((one) => one.id !== 'nova').map((one) => member(one));
  c.accept(people[0]!, create({ participants }));
  for (const { who, ms, back: nth, command: drawn, draft } of steps) {
    c.tick(ms);
    c.drafts =
      draft === null
        ? []
        : [{ messageId: uuid(3, 4), run: draft, author: agents[0]!, dataClass: 'none', text: 'half' }];
    const named = c.timeline.at(-1 - nth);
    const message = named === undefined ? 'none' : entryId(named);
    c.handle(who, 'message' in drawn ? { ...drawn, message } : drawn);
  }
  return c;
}

const steps = fc.array(step, { maxLength: 80 });
const runs = { numRuns: 400 };

/** A state without its window, which is compared by what it answers. */
const visible = ({ window: _, ...state }: ConversationState) => state;

function windowAnswers(state: ConversationState, log: readonly LogEntry[]): unknown[] {
  return log.flatMap(({ event }) => {
    if (event.type !== 'message.posted') return [];
    const byMessage = state.window.byMessageId(event.data.message_id, state.position);
    const byClient = state.window.byClientId(event.actor.id, event.client_id ?? '', state.position);
    return [byMessage?.position, byMessage?.seq, byClient?.position];
  });
}

t.test('the state that was kept is the state folded from the log from zero', async (t) => {
  fc.assert(
    fc.property(steps, (list) => {
      const c = play(list);
      const folded = evolveAll(emptyState(), c.appended);
      t.same(visible(folded), visible(c.state));
      t.same(windowAnswers(folded, c.appended), windowAnswers(c.state, c.appended));
      return t.passing();
    }),
    runs,
  );
});

t.test('so it is from a log whose deleted messages were erased', async (t) => {
  fc.assert(
    fc.property(steps, (list) => {
      const c = play(list);
      const folded = evolveAll(emptyState(), c.log);
      const { openRuns: _, participants: __, ...numbers } = visible(folded);
      const { openRuns: ___, participants: ____, ...expected } = visible(c.state);
      t.same(numbers, expected);
      // joinedSeq may lag by messages that were erased before: they are not counted as unread anyway.
      t.same(rolesOf(folded), rolesOf(c.state));
      t.same(windowAnswers(folded, c.appended), windowAnswers(c.state, c.appended));
      return t.passing();
    }),
    runs,
  );
});

t.test('positions and seqs have no gap and no time stands still or goes back', async () => {
  fc.assert(
    fc.property(steps, (list) => {
      const events = play(list).appended.map((entry) => entry.event);
      const seqs = events.flatMap((event) => event.seq ?? []);
      return (
        events.every((event, index) => event.position === index + 1) &&
        seqs.every((seq, index) => seq === index + 1) &&
        events.every((event, index) => index === 0 || event.at > events[index - 1]!.at)
      );
    }),
    runs,
  );
});

t.test('a sender’s client id and a message id are stored once', async () => {
  fc.assert(
    fc.property(steps, (list) => {
      const posted = play(list).appended.flatMap(({ event }) =>
        event.type === 'message.posted' ? [event] : [],
      );
      const clients = posted.flatMap((one) =>
        one.client_id === undefined ? [] : [`${one.actor.id} ${one.client_id}`],
      );
      const messages = posted.map((one) => one.data.message_id);
      return new Set(clients).size === clients.length && new Set(messages).size === messages.length;
    }),
    runs,
  );
});

t.test('no agent and no service speaks during a pause, unless it is critical', async () => {
  fc.assert(
    fc.property(steps, (list) => {
      let isPaused = false;
      return play(list).appended.every(({ event }) => {
        if (event.type === 'control' && event.data.event === 'stream.pause') isPaused = true;
        if (event.type === 'control' && event.data.event === 'stream.resume') isPaused = false;
        if (!isPaused || event.type !== 'message.posted' || event.actor.kind === 'user') return true;
        return event.data.priority === 'critical' || event.data.interrupted === true;
      });
    }),
    runs,
  );
});

t.test('nothing of a run stands after the event that stopped it', async () => {
  fc.assert(
    fc.property(steps, (list) => {
      const stopped = new Set<string>();
      return play(list).appended.every(({ event }) => {
        if (event.type === 'message.posted') return event.run === undefined || !stopped.has(event.run);
        if (event.type !== 'control') return true;
        const stops = event.data.event === 'stream.preempt' || event.data.event === 'stream.cancel';
        if (stops) for (const one of event.data.runs) stopped.add(one);
        return true;
      });
    }),
    runs,
  );
});

t.test('no agent speaks while another has the floor', async () => {
  fc.assert(
    fc.property(steps, (list) => {
      const c = play(list);
      return c.appended.every((entry, index) => {
        const { event } = entry;
        if (event.type !== 'message.posted' || event.actor.kind !== 'agent') return true;
        if (event.data.interrupted === true) return true;
        const { floor } = evolveAll(emptyState(), c.appended.slice(0, index));
        return floor === null || floor === event.actor.id;
      });
    }),
    { numRuns: 100 },
  );
});

t.test('a conversation always has an owner, and only participants act', async () => {
  fc.assert(
    fc.property(steps, (list) => {
      const c = play(list);
      let state = emptyState();
      return c.appended.every((entry, index) => {
        const { actor } = entry.event;
        const joins =
          entry.event.type === 'participant.added' && entry.event.data.participant.id === actor.id;
        const isKnown = index === 0 || joins || state.participants.has(actor.id);
        state = evolveAll(state, [entry]);
        return isKnown && [...state.participants.values()].some((one) => one.role === 'owner');
      });
    }),
    runs,
  );
});

t.test('the timeline built from the log is the timeline that was kept', async (t) => {
  fc.assert(
    fc.property(steps, (list) => {
      const c = play(list);
      const rebuilt: TimelineEntry[] = [];
      for (const entry of c.appended) applyToTimeline(rebuilt, entry);
      t.same(rebuilt, c.timeline);
      return t.passing();
    }),
    { numRuns: 100 },
  );
});

function rolesOf(state: ConversationState): unknown[] {
  return [...state.participants.values()].map(({ id: who, kind, role: as, joinedAt }) => [
    who,
    kind,
    as,
    joinedAt,
  ]);
}
