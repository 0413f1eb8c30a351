/**
 * One attempt on the front of a conversation's queue: decide as many commands as one append may
 * carry, and say what the append's success would answer. Nothing is answered or stored here.
 */
import { type Decision, decide } from '../../domain/decide/decide.ts';
import type { LogEntry } from '../../domain/event.ts';
import { evolveAll } from '../../domain/evolve.ts';
import { factsNeeded, noFacts } from '../../domain/facts.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { FactsReader } from './facts-reader.ts';
import type { LoadedConversation } from './loaded-conversation.ts';
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
}

interface Deps {
  readonly log: Log;
  readonly facts: FactsReader;
  readonly clock: Clock;
}

/**
 * Takes leading refusals together with the first accepted command; from the batch threshold on, as
 * many accepted ones as an atomic batch may hold (it pays only for deep queues, measured.md).
 */
export async function decideFront(conversation: LoadedConversation, deps: Deps): Promise<Attempt> {
  const isBatch = conversation.queue.length >= deps.log.batchThreshold;
  const decided: Decided[] = [];
  const entries: LogEntry[] = [];
  let state = conversation.state;
  let expectLast = state.logSeq;
  let bytes = 0;
  for (const waiting of conversation.queue) {
    const result = await decideOne(conversation, state, waiting, deps, decided.length === 0);
    if (result === null) break;
    if (decided.length === 0 && conversation.state !== state) {
      // Facts were read and events came meanwhile: the decision is on the newer state.
      state = conversation.state;
      expectLast = state.logSeq;
    }
    const appended = 'kind' in result && result.kind === 'append' ? toEntries(result, waiting, deps.log) : [];
    decided.push({ waiting, result, first: entries.length, count: appended.length });
    for (const entry of appended) {
      entries.push(entry);
      bytes += entry.event.type === 'message.posted' ? entry.event.data.content.length : 0;
    }
    if (appended.length > 0 && !isBatch) break;
    if (entries.length >= limits.batchEventsMax || bytes >= limits.batchBytesMax) break;
    if (isBatch && appended.length > 0) state = foldSpeculatively(state, conversation.state, appended);
  }
  return { decided, entries, expectLast };
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

/** Null: it needs facts that must be read, and it is not the first: leave it for the next attempt. */
async function decideOne(
  conversation: LoadedConversation,
  state: ConversationState,
  waiting: Waiting,
  deps: Deps,
  isFirst: boolean,
): Promise<Decision | Problem | null> {
  const { command, principal, context } = waiting;
  const now = deps.clock.nowMicros();
  const needed = factsNeeded(state, command, principal.id, now);
  let facts = noFacts;
  if (needsReading(needed)) {
    if (!isFirst) return null;
    const read = await deps.facts.read(conversation, needed, principal.id);
    if (read instanceof Problem) return read;
    facts = read;
    // Reading took time: what was committed meanwhile is in the state that counts.
    if (conversation.state !== state)
      return await decideOne(conversation, conversation.state, waiting, deps, isFirst);
  }
  return decide(command, { state, facts, principal, context, now });
}

function needsReading(needed: ReturnType<typeof factsNeeded>): boolean {
  const { message, earlierByClient, earlierByMessage, drafts, spareIds } = needed;
  return message !== null || earlierByClient !== null || earlierByMessage !== null || drafts || spareIds > 0;
}

function toEntries(decision: Extract<Decision, { kind: 'append' }>, waiting: Waiting, log: Log): LogEntry[] {
  const { dataClass, policyRef } = waiting.context;
  return decision.events.map((event) => ({
    event,
    logSeq: 0,
    node: log.node,
    dataClass,
    policyRef,
    erased: event.type === 'message.deleted' ? decision.erased : [],
  }));
}
