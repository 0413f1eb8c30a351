import t from 'tap';
import { openIdSource } from '../../../../src/adapters/system/id-source.ts';
import { TurnNotes } from '../../../../src/core/agents/records/turn-notes.ts';
import { openTurnRecorder } from '../../../../src/core/agents/records/turn-recorder.ts';
import { type TurnOutcome, turnRecords } from '../../../../src/core/agents/records/turn-records.ts';
import type { DataClass } from '../../../../src/domain/event.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { type TimelineEntry, toTimelineEntry } from '../../../../src/domain/timeline.ts';
import type { AgentLogEntry, AgentRun, TurnRecords } from '../../../../src/ports/agents/agent-records.ts';
import { freshRef, messageEntry } from '../../../kit/log-entries.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';

const ids = openIdSource();
const ref = freshRef();
const turn = { ref, agent: 'bot', message: 'asked', seq: 1, at: 1_000_000 };

function entry(content: string, more: object = {}, dataClass: DataClass = 'none'): TimelineEntry {
  const logged = messageEntry(ref, 1, content);
  const data = { ...logged.event.data, ...more };
  const made = toTimelineEntry({
    ...logged,
    dataClass,
    event: { ...logged.event, data } as typeof logged.event,
  });
  if (made === null) throw new Error('not an entry');
  return made;
}

function notesOf(heard = entry('hello', { message_id: 'asked' })): TurnNotes {
  const notes = new TurnNotes(2_000_000);
  notes.hear(heard, 'Bot', 'group');
  return notes;
}

const call = (problem: Problem | null = null) => ({
  ...{ model: 'small', startedAt: 2_000_000, firstPieceAt: 2_500_000, endedAt: 3_000_000, chars: 5 },
  problem: problem === null ? null : { code: problem.code, reason: problem.reason },
});

const said = {
  message: 'answer',
  text: 'hi',
  at: 3_000_000,
  dataClass: 'none' as const,
  isInterrupted: false,
};

function recordsOf(notes: TurnNotes, outcome: TurnOutcome | null = 'answered'): TurnRecords {
  const records = turnRecords(ids, turn, notes, outcome, 4_000_000);
  if (records === null) throw new Error('no records');
  return records;
}

t.test('an answer leaves a run, two log entries, and what was heard and said', async (t) => {
  const notes = notesOf();
  notes.calls.push(call());
  notes.said = said;
  const { run, logs, memories } = recordsOf(notes);
  t.match(run, {
    ...{ agent: 'bot', message: 'asked', status: 'completed', outcome: 'answered', startedAt: 2_000_000 },
    ...{ endedAt: 4_000_000, counts: { actions: 0, modelCalls: 1, errors: 0, evaluators: 0 } },
  });
  t.same(
    run.events.map(({ type, at }) => [type, at]),
    [
      ['RUN_STARTED', 2_000_000],
      ['MODEL_USED', 3_000_000],
      ['RUN_ENDED', 4_000_000],
    ],
  );
  t.match(run.events[1]?.data, { model: 'small', durationMs: 1_000, firstPieceMs: 500 });
  t.match(logs, [
    { type: 'useModel:TEXT_LARGE', level: 'info', run: run.id, room: run.room },
    { type: 'run_event', level: 'info', body: { status: 'completed', duration: 2_000, agentName: 'Bot' } },
  ]);
  t.notMatch(JSON.stringify([logs, run]), /hello|"hi"/, 'texts are in memories alone');
  t.match(
    memories,
    [
      {
        entity: 'user',
        message: 'asked',
        content: { text: 'hello', channelType: 'GROUP', source: 'parley' },
      },
      { entity: 'bot', message: 'answer', content: { text: 'hi', inReplyTo: 'asked' }, createdAt: 3_000_000 },
    ].map(({ entity: _, ...one }) => one),
  );
  t.same(recordsOf(notes), { run, logs, memories }, 'made again, ids are the same');
});

t.test('how it ended is told by status and outcome', async (t) => {
  const ended = (outcome: TurnOutcome | null, ...calls: ReturnType<typeof call>[]) => {
    const notes = notesOf();
    notes.calls.push(...calls);
    const { run, logs } = recordsOf(notes, outcome);
    return [run.status, run.outcome, run.counts.errors, logs.at(-1)?.level];
  };
  const failed = call(new Problem('unavailable'));
  t.same(ended(null), ['started', null, 0, undefined]);
  t.same(ended('stopped'), ['error', 'stopped', 0, 'info']);
  t.same(ended('too old'), ['timeout', 'too old', 0, 'error']);
  t.same(ended('failed', failed, failed), ['error', 'failed', 2, 'error']);
  const slow = call(new Problem('unavailable', '', { reason: 'timed_out' }));
  t.same(ended('failed', failed, slow), ['timeout', 'failed', 2, 'error']);
  t.same(ended('passed'), ['completed', 'passed', 0, 'info']);
  const interrupted = notesOf();
  interrupted.say(entry('half', { interrupted: true }));
  t.match(recordsOf(interrupted).run, { status: 'error', outcome: 'stopped' });
});

t.test('protected texts are not kept, nor empty ones, and long ones are cut', async (t) => {
  for (const dataClass of ['phi', 'secret'] as const) {
    const notes = notesOf(entry('hello', {}, dataClass));
    notes.said = { ...said, dataClass };
    const records = recordsOf(notes);
    t.same(records.memories, []);
    t.notMatch(JSON.stringify(records), /hello|"hi"/);
  }
  const pii = notesOf(entry('x'.repeat(limits.memoryTextCharsMax + 1), {}, 'pii'));
  pii.say({ ...entry('gone'), deletedAt: '2026-01-01T00:00:00.000000Z' });
  const { memories } = recordsOf(pii);
  t.equal(memories.length, 1);
  t.match(memories[0]?.content, { text: 'x'.repeat(limits.memoryTextCharsMax) });
  t.notMatch(memories[0]?.content, { text: 'x'.repeat(limits.memoryTextCharsMax + 1) });
});

t.test('what was not for the agent leaves nothing', async (t) => {
  t.equal(turnRecords(ids, turn, new TurnNotes(1), 'passed', 2), null);
});

/** A recorder whose clock is moved, over a store that may refuse. */
function stage(refused: Problem | null = null) {
  const added: AgentRun[] = [];
  const told: AgentLogEntry[] = [];
  let due: (() => void) | null = null;
  const logger = silentLogger();
  const recorder = openTurnRecorder({
    store: {
      async add({ run }) {
        added.push(run);
        return refused;
      },
    },
    news: { tell: (_, entries) => void told.push(...entries) },
    ...{ ids, logger },
    clock: {
      nowMicros: () => 4_000_000,
      after(ms, run) {
        t.equal(ms, limits.agentRunShownAfterMs);
        due = run;
        return () => {
          due = null;
        };
      },
    },
  });
  return { added, told, recorder, logger, pass: () => due?.() };
}

t.test('a quick run is written once, a slow one is seen before it ends', async (t) => {
  const quick = stage();
  const hide = quick.recorder.begin(turn, notesOf());
  hide();
  quick.pass();
  await quick.recorder.end(turn, notesOf(), 'answered');
  t.same(
    quick.added.map(({ status }) => status),
    ['completed'],
  );
  t.equal(quick.told.length, 1);
  const slow = stage();
  const notes = notesOf();
  slow.recorder.begin(turn, notes);
  slow.pass();
  await slow.recorder.end(turn, notes, 'passed');
  t.same(
    slow.added.map(({ status }) => status),
    ['started', 'completed'],
    'and then it ends, whatever came of it',
  );
});

t.test('a turn that passed leaves nothing, and one that cannot be written is told of nowhere', async (t) => {
  const { added, recorder } = stage();
  await recorder.end(turn, notesOf(), 'passed');
  t.same(added, []);
  const away = stage(new Problem('unavailable'));
  await away.recorder.end(turn, notesOf(), 'answered');
  t.same(away.told, []);
});

t.test('a turn that waits for a model that is left alone says so, once', async (t) => {
  const { added, told, recorder } = stage();
  const notes = notesOf();
  recorder.hold(turn, notes);
  recorder.hold(turn, notes);
  await new Promise((resolve) => setImmediate(resolve));
  t.same(
    told.map(({ type, level }) => [type, level]),
    [['model_state', 'warn']],
  );
  await recorder.end(turn, notes, 'answered');
  t.same(
    added.map(({ status }) => status),
    ['started', 'completed'],
  );
  t.equal(recordsOf(notes).logs[0]?.id, told[0]?.id);
});
