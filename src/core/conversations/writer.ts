/**
 * The write trip's core: commands of one conversation wait in a queue, one append is in flight, and
 * across conversations everything is parallel.
 *
 *   idle -> deciding -> appending -> idle
 *                    \-> confirming (only refusals) -> idle | deciding
 *   appending: stored -> answered; conflict -> caught up, deciding; unknown -> the log is read until
 *   it tells, then answered or deciding; refused -> answered.
 */
import type { Command, CommandContext } from '../../domain/command.ts';
import type { LogEntry } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { Log } from '../../ports/log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Outcome } from '../bus.ts';
import { type Attempt, type Decided, decideFront } from './attempt.ts';
import type { CatchUp } from './catch-up.ts';
import type { FactsReader } from './facts-reader.ts';
import type { Forwarder } from './forwarder.ts';
import type { HeadCheck } from './head-check.ts';
import type { LoadedConversation } from './loaded-conversation.ts';

export interface Writer {
  /** Queues a command; resolves when it is durable, refused and confirmed, or could not be handled. */
  handle(
    conversation: LoadedConversation,
    principal: Principal,
    command: Command,
    context: CommandContext,
    isForwarded: boolean,
  ): Promise<Outcome | Problem>;
  /** Commands waiting in this process. */
  readonly queued: number;
}

interface Deps {
  readonly log: Log;
  readonly live: Pick<LiveFeed, 'isConnected'>;
  readonly clock: Clock;
  readonly facts: FactsReader;
  readonly headCheck: HeadCheck;
  readonly catchUp: CatchUp;
  readonly forwarder: Forwarder;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** What must happen between storing and answering (inline projection, erasure, notes); never rejects. */
  readonly afterStore: (
    conversation: LoadedConversation,
    entries: readonly LogEntry[],
  ) => Promise<void> | null;
}

export function openWriter(deps: Deps): Writer {
  const { log, clock, metrics } = deps;
  let queued = 0;

  function settle(
    conversation: LoadedConversation,
    decided: readonly Decided[],
    answer: (one: Decided) => void,
  ): void {
    conversation.queue.splice(0, decided.length);
    queued -= decided.length;
    for (const one of decided) answer(one);
  }

  function failAll(conversation: LoadedConversation, problem: Problem): void {
    const failed = conversation.queue.splice(0);
    queued -= failed.length;
    for (const waiting of failed) waiting.answer(problem);
  }

  /** What was surely not stored need not wait for the server to come back. */
  function failUntried(conversation: LoadedConversation): void {
    const untried = conversation.queue.filter((waiting) => waiting.attempts === 0);
    if (untried.length === 0) return;
    const tried = conversation.queue.filter((waiting) => waiting.attempts > 0);
    conversation.queue.splice(0, conversation.queue.length, ...tried);
    queued -= untried.length;
    for (const waiting of untried) waiting.answer(new Problem('unavailable'));
  }

  async function run(conversation: LoadedConversation): Promise<void> {
    conversation.isBusy = true;
    try {
      for (let rounds = 0; conversation.queue.length > 0; ) {
        const front = conversation.queue[0];
        const progressed = await step(conversation);
        rounds = progressed || conversation.queue[0] !== front ? 0 : rounds + 1;
        if (rounds > limits.decideRoundsMax) failAll(conversation, new Problem('overloaded'));
      }
    } catch (error) {
      // A programmer's error in a rule must neither leave callers waiting nor end the process.
      deps.logger.error(
        { error, conversation: conversation.ref.conversation },
        'A command could not be handled',
      );
      failAll(conversation, new Problem('internal'));
    } finally {
      conversation.isBusy = false;
    }
  }

  /** True when commands left the queue. */
  async function step(conversation: LoadedConversation): Promise<boolean> {
    if (deps.forwarder.shouldForward(conversation)) {
      const before = conversation.queue.length;
      queued -= await deps.forwarder.forwardQueue(conversation);
      if (conversation.queue.length < before) return true;
    }
    if (answerThoseStored(conversation)) return true;
    const decided = decideFront(conversation, deps);
    const attempt = decided instanceof Promise ? await decided : decided;
    if (attempt.entries.length === 0) return await confirmRefusals(conversation, attempt);
    return await append(conversation, attempt);
  }

  /** A retry after an unclear end, or after a forward, first looks for itself in what was stored. */
  function answerThoseStored(conversation: LoadedConversation): boolean {
    const waiting = conversation.queue[0];
    if (waiting === undefined || waiting.attempts === 0) return false;
    const found = conversation.inTailById(waiting.context.id);
    if (found === null) return false;
    conversation.queue.shift();
    queued -= 1;
    waiting.answer(outcome(conversation, [found]));
    return true;
  }

  async function confirmRefusals(conversation: LoadedConversation, attempt: Attempt): Promise<boolean> {
    const needsProof = attempt.decided.some(
      ({ result }) => result instanceof Problem || result.kind === 'unchanged',
    );
    const answer = needsProof ? await deps.headCheck.confirm(conversation) : 'same';
    const hasMoved =
      answer === 'moved' || (answer === 'same' && conversation.state.logSeq !== attempt.expectLast);
    if (hasMoved) return false;
    settle(conversation, attempt.decided, (one) => {
      if (answer instanceof Problem && !isDuplicate(one)) one.waiting.answer(answer);
      else one.waiting.answer(answered(conversation, one, []));
    });
    return true;
  }

  async function append(conversation: LoadedConversation, attempt: Attempt): Promise<boolean> {
    const startedMs = clock.monotonicMs();
    const result = await log.append(conversation.ref, attempt.expectLast, attempt.entries);
    metrics.appendSeconds.observe((clock.monotonicMs() - startedMs) / 1000);
    switch (result.kind) {
      case 'stored': {
        metrics.appends.add(attempt.entries.length);
        conversation.losses = 0;
        const entries = attempt.entries.map((entry, index) => ({
          ...entry,
          logSeq: result.firstLogSeq + index,
        }));
        for (const entry of entries) conversation.apply(entry);
        settle(conversation, attempt.decided, (one) => answerStored(conversation, one, entries));
        return true;
      }
      case 'conflict':
        metrics.appendConflicts.add(1);
        return await conflict(conversation, attempt);
      case 'unknown':
        metrics.appendUnknowns.add(1);
        return await resolveUnknown(conversation, attempt);
      case 'refused':
        settle(conversation, attempt.decided, (one) => one.waiting.answer(result.problem));
        return true;
    }
  }

  function answerStored(conversation: LoadedConversation, one: Decided, entries: readonly LogEntry[]): void {
    const own = entries.slice(one.first, one.first + one.count);
    const after = own.length > 0 ? deps.afterStore(conversation, own) : null;
    const result = answered(conversation, one, own);
    if (after === null) one.waiting.answer(result);
    else void after.then(() => one.waiting.answer(result));
  }

  /** Somebody else wrote. If the feed has not brought it yet, the log has it. */
  async function conflict(conversation: LoadedConversation, attempt: Attempt): Promise<boolean> {
    if (conversation.state.logSeq === attempt.expectLast) {
      const head = await log.head(conversation.ref);
      const problem = head instanceof Problem ? head : await deps.catchUp.to(conversation, head);
      if (problem !== null) return await resolveUnknown(conversation, attempt);
    }
    if (conversation.state.lastNode !== log.node) conversation.losses += 1;
    for (const one of attempt.decided) one.waiting.attempts += 1;
    return false;
  }

  /**
   * Stored or not? The log is read until it answers, however long the server is away, up to the
   * bound: an error is never answered for something that was stored while we can still find out.
   */
  async function resolveUnknown(conversation: LoadedConversation, attempt: Attempt): Promise<boolean> {
    for (const one of attempt.decided) one.waiting.attempts += 1;
    const deadline = clock.monotonicMs() + limits.unknownResolveMs;
    for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 250)) {
      const head = await log.head(conversation.ref);
      const problem = head instanceof Problem ? head : await deps.catchUp.to(conversation, head);
      if (problem === null) return false;
      failUntried(conversation);
      if (clock.monotonicMs() > deadline) {
        failAll(conversation, new Problem('unavailable'));
        return true;
      }
      await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    }
  }

  return {
    get queued() {
      return queued;
    },
    handle(conversation, principal, command, context, isForwarded) {
      if (!deps.live.isConnected) return Promise.resolve(new Problem('unavailable'));
      if (
        conversation.queue.length >= limits.commandsQueuedPerConversationMax ||
        queued >= limits.commandsQueuedPerNodeMax
      ) {
        return Promise.resolve(new Problem('overloaded'));
      }
      return new Promise((answer) => {
        const attempts = isForwarded ? 1 : 0;
        conversation.queue.push({ principal, command, context, isForwarded, attempts, answer });
        queued += 1;
        if (!conversation.isBusy) void run(conversation);
      });
    },
  };
}

function isDuplicate(one: Decided): boolean {
  return !(one.result instanceof Problem) && one.result.kind === 'duplicate';
}

function outcome(conversation: LoadedConversation, entries: readonly LogEntry[]): Outcome {
  const events = entries.map((entry) => entry.event);
  return { ref: conversation.ref, events, duplicate: null, state: conversation.state };
}

function answered(
  conversation: LoadedConversation,
  { result }: Decided,
  entries: readonly LogEntry[],
): Outcome | Problem {
  if (result instanceof Problem) return result;
  if (result.kind !== 'duplicate') return outcome(conversation, entries);
  return { ref: conversation.ref, events: [], duplicate: result.first, state: conversation.state };
}
