/** What a turn leaves, from what was noted of it. Ids follow from the turn: written again, nothing is added. Pure. */
import { type DataClass, isSealedClass } from '../../../domain/event.ts';
import { limits } from '../../../domain/limits.ts';
import { type Micros, msOf, parseMicros } from '../../../domain/time.ts';
import type {
  AgentLogEntry,
  AgentMemory,
  AgentRun,
  RunEvent,
  RunStatus,
  TurnRecords,
} from '../../../ports/agents/agent-records.ts';
import type { AgentTurn } from '../../../ports/agents/agent-turns.ts';
import type { IdSource } from '../../../ports/id-source.ts';
import { turnNames, turnOf } from '../turns/turn-names.ts';
import { roomOf } from './open-agent-records.ts';
import type { Heard, ModelCall, Said, TurnNotes } from './turn-notes.ts';

export type TurnOutcome = 'answered' | 'stopped' | 'failed' | 'too old' | 'passed';

type Ids = Pick<IdSource, 'fromName' | 'ofText'>;

/** Null where nothing was heard. `outcome` null: it has only begun. */
export function turnRecords(
  ids: Ids,
  turn: AgentTurn,
  notes: TurnNotes,
  outcome: TurnOutcome | null,
  now: Micros,
): TurnRecords | null {
  const { heard, said } = notes;
  if (heard === null) return null;
  const run = runOf(ids, turn, notes, heard, outcome, now);
  const memories = [heardMemory(ids, run, heard)];
  const held = notes.heldAt === null ? [] : [heldEntry(ids, run, heard, notes.heldAt)];
  if (outcome === null) return { run, logs: held, memories: memories.filter((one) => one !== null) };
  if (said !== null) memories.push(saidMemory(ids, run, heard, said));
  const logs = [
    ...held,
    ...notes.calls.map((call, index) => callEntry(ids, run, heard, call, index)),
    endEntry(ids, run, heard),
  ];
  return { run, logs, memories: memories.filter((one) => one !== null) };
}

function runOf(
  ids: Ids,
  turn: AgentTurn,
  { startedAt, calls, said }: TurnNotes,
  heard: Heard,
  outcome: TurnOutcome | null,
  now: Micros,
): AgentRun {
  const { tenant, conversation, message, agent } = turnOf(turn);
  const endedAt = outcome === null ? null : now;
  const known = outcome === 'answered' && said?.isInterrupted === true ? 'stopped' : outcome;
  const status = statusOf(known, calls);
  const errors = calls.filter(({ problem }) => problem !== null).length;
  const begun: RunEvent = { type: 'RUN_STARTED', at: startedAt, data: { source: 'messages' } };
  const used = calls.map(
    (call): RunEvent => ({ type: 'MODEL_USED', at: call.endedAt, data: modelData(call) }),
  );
  const ended: RunEvent[] =
    endedAt === null ? [] : [{ type: 'RUN_ENDED', at: endedAt, data: { status, outcome: known } }];
  return {
    ...{
      tenant,
      id: turnNames(ids, turnOf(turn)).run,
      agent,
      conversation,
      message,
      status,
      startedAt,
      endedAt,
    },
    ...{ room: roomOf(ids, conversation, agent), entity: heard.event.actor.id, outcome: known },
    counts: { actions: 0, modelCalls: calls.length, errors, evaluators: 0 },
    metadata: { agentName: heard.agentName, channelType: channelType(heard) },
    events: [begun, ...used, ...ended],
  };
}

function statusOf(outcome: TurnOutcome | null, calls: readonly ModelCall[]): RunStatus {
  switch (outcome) {
    case null:
      return 'started';
    case 'answered':
    case 'passed':
      return 'completed';
    case 'too old':
      return 'timeout';
    case 'failed':
      return calls.at(-1)?.problem?.reason === 'timed_out' ? 'timeout' : 'error';
    case 'stopped':
      return 'error';
  }
}

function modelData({ model, startedAt, firstPieceAt, endedAt, chars, problem }: ModelCall) {
  return {
    ...{ model, modelType: 'TEXT_LARGE', chars, durationMs: msBetween(startedAt, endedAt) },
    ...(firstPieceAt === null ? {} : { firstPieceMs: msBetween(startedAt, firstPieceAt) }),
    ...(problem === null ? {} : { error: problem.reason ?? problem.code }),
  };
}

function callEntry(ids: Ids, run: AgentRun, heard: Heard, call: ModelCall, index: number): AgentLogEntry {
  const failed = call.problem !== null;
  return logEntry(run, {
    id: ids.fromName(`log ${run.id} model ${index}`),
    ...{ at: call.endedAt, type: 'useModel:TEXT_LARGE', level: failed ? 'warn' : 'info' },
    body: {
      message: `${heard.agentName}: the model ${call.model} ${failed ? 'failed' : 'answered'}.`,
      ...{ agentName: heard.agentName, runId: run.id, ...modelData(call) },
    },
  });
}

function heldEntry(ids: Ids, run: AgentRun, { agentName }: Heard, at: Micros): AgentLogEntry {
  return logEntry(run, {
    id: ids.fromName(`log ${run.id} held`),
    ...{ at, type: 'model_state', level: 'warn' },
    body: { message: `${agentName} waits: the model does not answer.`, agentName, runId: run.id },
  });
}

function endEntry(ids: Ids, run: AgentRun, { agentName }: Heard): AgentLogEntry {
  const { status, outcome, startedAt, endedAt } = run;
  const duration = msBetween(startedAt, endedAt ?? startedAt);
  return logEntry(run, {
    id: ids.fromName(`log ${run.id} end`),
    ...{ at: endedAt ?? startedAt, type: 'run_event' },
    level: outcome === 'failed' || outcome === 'too old' ? 'error' : 'info',
    body: {
      message: `${agentName}: a run ended: ${outcome}.`,
      ...{ agentName, runId: run.id, status, outcome, messageId: run.message, roomId: run.room },
      ...{ entityId: run.entity, startTime: msOf(startedAt), endTime: msOf(endedAt ?? startedAt), duration },
    },
  });
}

function logEntry(run: AgentRun, entry: Pick<AgentLogEntry, 'id' | 'at' | 'type' | 'level' | 'body'>) {
  const { tenant, agent, conversation, room, entity, id } = run;
  return { ...entry, tenant, agent, conversation, room, entity, run: id };
}

function heardMemory(ids: Ids, run: AgentRun, heard: Heard): AgentMemory | null {
  const { event, dataClass } = heard;
  const source = event.data.metadata['source'];
  const content = {
    ...{ text: event.data.content, source: typeof source === 'string' ? source : 'parley' },
    ...(event.data.reply_to === null ? {} : { inReplyTo: event.data.reply_to }),
  };
  const at = parseMicros(event.at) ?? run.startedAt;
  return memoryOf(ids, run, heard, {
    message: event.data.message_id,
    entity: event.actor.id,
    at,
    content,
    dataClass,
  });
}

function saidMemory(ids: Ids, run: AgentRun, heard: Heard, said: Said): AgentMemory | null {
  const { message, at, dataClass } = said;
  const content = { text: said.text, source: 'parley', inReplyTo: run.message };
  return memoryOf(ids, run, heard, { message, entity: run.agent, at, content, dataClass });
}

interface Remembered {
  readonly message: string;
  readonly entity: string;
  readonly at: Micros;
  readonly content: { readonly text: string };
  readonly dataClass: DataClass;
}

/** Null: what was said must not lie anywhere in the clear, or says nothing. */
function memoryOf(ids: Ids, run: AgentRun, heard: Heard, remembered: Remembered): AgentMemory | null {
  const { message, entity, at, content, dataClass } = remembered;
  if (isSealedClass(dataClass) || content.text === '') return null;
  const { tenant, agent, conversation, room } = run;
  return {
    id: ids.fromName(`memory ${JSON.stringify([tenant, agent, message])}`),
    ...{ tenant, agent, table: 'messages', room, conversation, message, entity, world: null },
    content: {
      ...content,
      text: content.text.slice(0, limits.memoryTextCharsMax),
      channelType: channelType(heard),
    },
    isUnique: true,
    metadata: { type: 'message', source: 'parley', timestamp: msOf(at), runId: run.id },
    createdAt: at,
  };
}

function channelType({ type }: Heard): 'DM' | 'GROUP' {
  return type === 'private' ? 'DM' : 'GROUP';
}

function msBetween(from: Micros, to: Micros): number {
  return Math.max(0, Math.round((to - from) / 1000));
}
