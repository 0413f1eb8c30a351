/**
 * evolve(state, entry) -> state. Pure but for the shared idempotency window (see there). Positions
 * may jump only over erased events: deletion is the only thing that takes an event out of a log.
 */
import { hashOfPost } from '../decide/post.ts';
import type { ErasedEvent, EventOf, LogEntry } from '../event.ts';
import type { PrincipalId } from '../ids.ts';
import { limits } from '../limits.ts';
import type { ConversationState, OpenRun, Participant } from '../state.ts';
import { emptyState, noEntity } from '../state.ts';
import { type Micros, parseMicros } from '../time.ts';
import { evolveControl } from './evolve-control.ts';

export function evolve(state: ConversationState, entry: LogEntry): ConversationState {
  const { event } = entry;
  const at = parseMicros(event.at) ?? state.at;
  state.window.forgetAfter(state.position);
  const next = advanced(state, entry, at);
  switch (event.type) {
    case 'message.posted':
      return evolvePosted(next, event, at);
    case 'control':
      return evolveControl(next, event, at);
    case 'participant.added':
      return evolveAdded(next, event, at);
    case 'participant.removed':
      return evolveRemoved(next, event);
    case 'participant.role':
      return evolveRole(next, event);
    case 'conversation.created':
      return evolveCreated(next, event, at);
    case 'conversation.updated':
      return evolveUpdated(next, event, at);
    case 'conversation.deleted':
      return { ...emptyState(), ...lastSeen(next), status: 'deleted' };
    case 'message.deleted':
      return evolveErased(next, entry.erased);
    case 'message.edited':
    case 'reaction.changed':
      return next;
  }
}

/**
 * The state with the numbers of a new entry. Written out, because this runs for every event and the
 * spread of an object that holds numbers beyond 31 bits takes V8's slow path (10 times the cost).
 */
function advanced(
  state: ConversationState,
  { event, logSeq, node }: LogEntry,
  at: Micros,
): ConversationState {
  return {
    status: state.status,
    position: event.position,
    seq: event.seq ?? state.seq,
    logSeq,
    at,
    lastNode: node,
    type: state.type,
    name: state.name,
    description: state.description,
    metadata: state.metadata,
    stage: state.stage,
    entity: state.entity,
    env: state.env,
    service: state.service,
    createdBy: state.createdBy,
    createdAt: state.createdAt,
    changedAt: state.changedAt,
    participants: state.participants,
    paused: state.paused,
    floor: state.floor,
    priority: state.priority,
    openRuns: state.openRuns,
    stoppedRuns: state.stoppedRuns,
    runPriorities: state.runPriorities,
    window: state.window,
  };
}

/** Folds entries in order. */
export function evolveAll(state: ConversationState, entries: readonly LogEntry[]): ConversationState {
  let next = state;
  for (const entry of entries) next = evolve(next, entry);
  return next;
}

function lastSeen(state: ConversationState) {
  const { position, seq, logSeq, at, lastNode } = state;
  return { position, seq, logSeq, at, lastNode };
}

function evolvePosted(
  state: ConversationState,
  event: EventOf<'message.posted'>,
  at: Micros,
): ConversationState {
  const { data } = event;
  state.window.add({
    position: event.position,
    seq: event.seq ?? 0,
    at,
    eventId: event.id,
    messageId: data.message_id,
    sender: event.actor.id,
    clientId: event.client_id ?? null,
    hash:
      // A projector folds sealed texts: what they hash to is known to those who can open them.
      data.deleted === true || data.sealed !== undefined
        ? null
        : hashOfPost({ content: data.content, contentType: data.content_type, replyTo: data.reply_to }),
    interrupted: data.interrupted === true,
  });
  if (event.run === undefined || data.interrupted === true || state.stoppedRuns.has(event.run)) return state;
  return { ...state, openRuns: withRun(state.openRuns, event.run, event, at) };
}

/** The open runs after a post of one: without the ended one, and without those idle for 15 minutes. */
function withRun(
  runs: ReadonlyMap<string, OpenRun>,
  run: string,
  event: EventOf<'message.posted'>,
  at: Micros,
): ReadonlyMap<string, OpenRun> {
  const next = new Map<string, OpenRun>();
  const idleBefore = at - limits.runIdleMs * 1000;
  for (const [id, open] of runs) if (id !== run && open.lastAt > idleBefore) next.set(id, open);
  if (event.data.end_run !== true)
    next.set(run, { owner: runs.get(run)?.owner ?? event.actor.id, lastAt: at });
  return next;
}

/**
 * A fold from the log meets a deletion without the message it erased: what the message meant for the
 * state (its seq, its ids, its run) is told by the deletion. For a state that saw it nothing changes.
 */
function evolveErased(state: ConversationState, erased: readonly ErasedEvent[]): ConversationState {
  let next = state;
  for (const one of erased) {
    if (one.type !== 'message.posted') continue;
    if (state.window.byMessageId(one.messageId, state.position) !== null) continue;
    const at = parseMicros(one.at) ?? state.at;
    state.window.addErased({
      position: one.position,
      seq: one.seq ?? 0,
      at,
      eventId: one.id,
      messageId: one.messageId,
      sender: one.actor.id,
      clientId: one.clientId ?? null,
      hash: null,
      interrupted: false,
    });
    next = { ...next, seq: Math.max(next.seq, one.seq ?? 0) };
    const { run } = one;
    if (run === undefined || next.stoppedRuns.has(run) || next.openRuns.has(run)) continue;
    next = { ...next, openRuns: new Map(next.openRuns).set(run, { owner: one.actor.id, lastAt: at }) };
  }
  return next;
}

function evolveAdded(
  state: ConversationState,
  event: EventOf<'participant.added'>,
  at: Micros,
): ConversationState {
  const { participant } = event.data;
  const participants = new Map(state.participants);
  participants.set(participant.id, { ...participant, joinedAt: at, joinedSeq: state.seq });
  return { ...state, participants };
}

function evolveRemoved(state: ConversationState, event: EventOf<'participant.removed'>): ConversationState {
  const participants = new Map(state.participants);
  participants.delete(event.data.participant);
  // A floor that nobody can speak on would silence every agent.
  const floor = state.floor === event.data.participant ? null : state.floor;
  return { ...state, participants, floor };
}

function evolveRole(state: ConversationState, event: EventOf<'participant.role'>): ConversationState {
  const before = state.participants.get(event.data.participant);
  if (before === undefined) return state;
  const participants = new Map(state.participants);
  participants.set(before.id, { ...before, role: event.data.role });
  return { ...state, participants };
}

function evolveUpdated(
  state: ConversationState,
  { data }: EventOf<'conversation.updated'>,
  at: Micros,
): ConversationState {
  const { name = state.name, description = state.description, metadata = state.metadata } = data;
  return { ...state, name, description, metadata, stage: data.stage ?? state.stage, changedAt: at };
}

function evolveCreated(
  state: ConversationState,
  event: EventOf<'conversation.created'>,
  at: Micros,
): ConversationState {
  const { data } = event;
  const participants = new Map<PrincipalId, Participant>();
  for (const one of data.participants) participants.set(one.id, { ...one, joinedAt: at, joinedSeq: 0 });
  return {
    ...state,
    status: 'open',
    type: data.type,
    name: data.name,
    description: data.description,
    metadata: data.metadata,
    stage: data.stage ?? 'active',
    entity: data.entity ?? noEntity,
    env: data.env,
    service: data.service_id,
    createdBy: event.actor.id,
    createdAt: at,
    changedAt: at,
    participants,
  };
}
