/**
 * One attempt on the front of a conversation's queue: decide as many commands as one append may
 * carry, and say what the append's success would answer. Nothing is answered or stored here.
 */
import { type Decision, decide } from '../../../domain/decide/decide.ts';
import { type LogEntry, stricterClass } from '../../../domain/event.ts';
import { evolveAll } from '../../../domain/evolve/evolve.ts';
import { type Facts, factsNeeded, noFacts } from '../../../domain/facts.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ConversationState } from '../../../domain/state.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { FactsReader } from '../facts-reader.ts';
import type { LoadedConversation } from '../loaded-conversation.ts';
import type { Waiting } from './waiting.ts';

/** A decided command: where its entries begin in the append. */
export interface Decided {
  readonly waiting: Waiting;
  readonly result: Decision | Problem;
  readonly first: number;
  readonly count: number;
}

export interface Attempt {
  /** In queue order; these are still at the front of the queue. */
  readonly decided: readonly Decided[];
  readonly entries: readonly LogEntry[];
  /** The stream sequence that the state decided on ends at. */
  readonly expectLast: number;
  /** Nothing was decided: others wrote while facts were read for the first command. */
  readonly isOvertaken: boolean;
}

interface Deps {
  readonly log: Log;
  readonly facts: FactsReader;
  readonly clock: Clock;
}

/**
 * Takes leading refusals together with the first accepted command; from the batch threshold on, as
 * many accepted ones as an atomic batch may hold (it pays only for deep queues, measured.md).
 * Synchronous unless the first command needs facts that must be read: most posts need none.
 */
export function decideFront(conversation: LoadedConversation, deps: Deps): Attempt | Promise<Attempt> {
  const first = conversation.queue[0];
  if (first === undefined) return undecided(conversation, false);
  const { command, principal } = first;
  const needed = factsNeeded(conversation.state, command, principal.id, deps.clock.nowMicros());
  return needsReading(needed)
    ? readAndDecide(conversation, first, deps)
    : collect(conversation, deps, noFacts);
}

/** Reading takes time: facts and state must be of the same moment. */
async function readAndDecide(conversation: LoadedConversation, first: Waiting, deps: Deps): Promise<Attempt> {
  const { command, principal } = first;
  const { state } = conversation;
  const needed = factsNeeded(state, command, principal.id, deps.clock.nowMicros());
  const facts = await deps.facts.read(conversation, needed, principal.id);
  if (facts instanceof Problem) {
    const decided = [{ waiting: first, result: facts, first: 0, count: 0 }];
    return { ...undecided(conversation, false), decided };
  }
  return conversation.state === state ? collect(conversation, deps, facts) : undecided(conversation, true);
}

function undecided(conversation: LoadedConversation, isOvertaken: boolean): Attempt {
  return { decided: [], entries: [], expectLast: conversation.state.logSeq, isOvertaken };
}

/** Decides from the front on; `facts` are those of the first command. */
function collect(conversation: LoadedConversation, deps: Deps, facts: Facts): Attempt {
  const isBatch = conversation.queue.length >= deps.log.batchThreshold;
  const decided: Decided[] = [];
  const entries: LogEntry[] = [];
  let state = conversation.state;
  let bytes = 0;
  const expectLast = state.logSeq;
  for (const waiting of conversation.queue) {
    const { command, principal, context } = waiting;
    const now = deps.clock.nowMicros();
    // Others that need facts are left for an attempt of their own.
    if (decided.length > 0 && needsReading(factsNeeded(state, command, principal.id, now))) break;
    const known = decided.length === 0 ? facts : noFacts;
    const result = decide(command, { state, facts: known, principal, context, now });
    const appended =
      !(result instanceof Problem) && result.kind === 'append' ? toEntries(result, waiting, deps.log) : [];
    decided.push({ waiting, result, first: entries.length, count: appended.length });
    for (const entry of appended) {
      entries.push(entry);
      bytes += entry.event.type === 'message.posted' ? entry.event.data.content.length : 0;
    }
    if (appended.length > 0 && !isBatch) break;
    if (entries.length >= limits.batchEventsMax || bytes >= limits.batchBytesMax) break;
    if (isBatch && appended.length > 0) state = foldSpeculatively(state, conversation.state, appended);
  }
  return { decided, entries, expectLast, isOvertaken: false };
}

/** Folds entries that may never be stored: on a fork of the shared idempotency window. */
function foldSpeculatively(
  state: ConversationState,
  stored: ConversationState,
  entries: readonly LogEntry[],
): ConversationState {
  const base = state.window === stored.window ? { ...state, window: state.window.fork() } : state;
  return evolveAll(base, entries);
}

function needsReading(needed: ReturnType<typeof factsNeeded>): boolean {
  const { message, earlierByClient, earlierByMessage, draftOf, drafts, spareIds } = needed;
  const names = [message, earlierByClient, earlierByMessage, draftOf];
  return drafts || spareIds > 0 || names.some((name) => name !== null);
}

function toEntries(decision: Extract<Decision, { kind: 'append' }>, waiting: Waiting, log: Log): LogEntry[] {
  const { dataClass, policyRef } = waiting.context;
  const traced = waiting.span === null ? null : { traceparent: waiting.span.traceparent };
  return decision.events.map((event) => ({
    event,
    logSeq: 0,
    node: log.node,
    dataClass: stricterClass(dataClass, decision.classes?.get(event.id) ?? 'none'),
    policyRef,
    erased: event.type === 'message.deleted' ? decision.erased : [],
    ...(traced ?? {}),
  }));
}
