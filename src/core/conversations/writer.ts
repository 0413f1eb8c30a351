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
import { type Overload, overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { Log } from '../../ports/log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Tracing } from '../../ports/tracing.ts';
import type { Outcome } from '../bus.ts';
import { type Attempt, decideFront } from './attempt.ts';
import type { CatchUp } from './catch-up.ts';
import { type AfterStore, answered, isDuplicate, openCommandQueue } from './command-queue.ts';
import type { FactsReader } from './facts-reader.ts';
import type { Forwarder } from './forwarder.ts';
import type { HeadCheck } from './head-check.ts';
import type { LoadedConversation } from './loaded-conversation.ts';
import { tracedWaiting } from './traced-waiting.ts';
import type { Waiting } from './waiting.ts';

export interface Writer {
  /** Queues a command; resolves when it is durable, refused and confirmed, or could not be handled. */
  handle(
    conversation: LoadedConversation,
    principal: Principal,
    command: Command,
    context: CommandContext,
    isForwarded: boolean,
  ): Promise<Outcome | Problem>;
  /** Commands waiting in this process, and the UTF-16 units of their texts. */
  readonly queued: number;
  readonly queuedChars: number;
}

interface Deps {
  readonly log: Log;
  readonly live: Pick<LiveFeed, 'isConnected'>;
  readonly clock: Clock;
  readonly facts: FactsReader;
  readonly headCheck: HeadCheck;
  /** Forgets a conversation whose log was made anew. */
  readonly drop: (conversation: LoadedConversation) => void;
  readonly catchUp: CatchUp;
  readonly forwarder: Forwarder;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly tracing: Tracing;
  /** Takes the live entries that were held back during an append. */
  readonly release: (conversation: LoadedConversation) => void;
  /** What must happen between storing and answering (inline projection, erasure, notes); never rejects. */
  readonly afterStore: AfterStore;
}

export function openWriter(deps: Deps): Writer {
  const { log, clock, metrics, tracing } = deps;
  const commands = openCommandQueue(deps.afterStore);
  const { settle, takeOut, fail, answerThoseStored, answerStored } = commands;

  async function run(conversation: LoadedConversation): Promise<void> {
    conversation.isBusy = true;
    try {
      for (let rounds = 0; conversation.queue.length > 0; ) {
        const front = conversation.queue[0];
        const progressed = await step(conversation);
        rounds = progressed || conversation.queue[0] !== front ? 0 : rounds + 1;
        if (rounds > limits.decideRoundsMax) fail(conversation, overloaded('contention'));
      }
    } catch (error) {
      // A programmer's error in a rule must neither leave callers waiting nor end the process.
      deps.logger.error(
        { error, conversation: conversation.ref.conversation },
        'A command could not be handled',
      );
      fail(conversation, new Problem('internal'));
    } finally {
      conversation.isBusy = false;
    }
  }

  /** True when commands left the queue. */
  async function step(conversation: LoadedConversation): Promise<boolean> {
    if (answerThoseStored(conversation)) return true;
    if (refuseLate(conversation, 'overloaded')) return true;
    if (deps.forwarder.isForwarding(conversation)) {
      if (await forward(conversation)) return true;
      if (answerThoseStored(conversation)) return true;
    }
    const deciding = decideFront(conversation, deps);
    const attempt = deciding instanceof Promise ? await deciding : deciding;
    if (attempt.isOvertaken) return lost(conversation);
    if (attempt.entries.length === 0) return await confirmRefusals(conversation, attempt);
    return await append(conversation, attempt);
  }

  /** Whoever waited so long is about to give up; what may be stored already is not refused. */
  function refuseLate(conversation: LoadedConversation, code: 'overloaded' | 'unavailable'): boolean {
    const sinceMs = clock.monotonicMs() - limits.commandWaitMsMax;
    const isLate = (one: Waiting): boolean => !one.isSent && one.sinceMs < sinceMs;
    // They stand in the order in which they came.
    const first = conversation.queue.find((one) => !one.isSent);
    if (first === undefined || !isLate(first)) return false;
    fail(conversation, code === 'overloaded' ? overloaded('command_waited') : new Problem(code), isLate);
    return true;
  }

  /** Why no more commands are taken; null: there is room. */
  function fullQueue(conversation: LoadedConversation, command: Command): Overload | null {
    if (conversation.queue.length >= limits.commandsQueuedPerConversationMax)
      return 'commands_of_conversation';
    if (commands.queued >= limits.commandsQueuedPerNodeMax) return 'commands';
    const isText = 'content' in command;
    return isText && commands.queuedChars >= limits.commandsQueuedCharsMax ? 'command_texts' : null;
  }

  /** True as long as others have commands of this queue, or when they answered some. */
  async function forward(conversation: LoadedConversation): Promise<boolean> {
    const answered = await deps.forwarder.forward(conversation);
    const results = new Map(answered.map(({ waiting, result }) => [waiting, result]));
    for (const waiting of takeOut(conversation, (one) => results.has(one))) {
      waiting.answer(results.get(waiting) ?? new Problem('internal'));
    }
    return results.size > 0 || deps.forwarder.isAway(conversation);
  }

  /** Others write all the time: after some losses in a row they are asked to write for us. */
  function lost(conversation: LoadedConversation): false {
    if (conversation.state.lastNode !== log.node) conversation.losses += 1;
    return false;
  }

  /**
   * A refusal must hold in a state that contains everything committed before the command was asked. One
   * look at the leader proves that for the state we have then, however fast others go on writing.
   */
  async function confirmRefusals(conversation: LoadedConversation, attempt: Attempt): Promise<boolean> {
    const needsProof = attempt.decided.some((one) => !isDuplicate(one) && !one.waiting.isProven);
    const answer = needsProof ? await deps.headCheck.confirm(conversation) : 'same';
    if (!(answer instanceof Problem)) {
      for (const { waiting } of attempt.decided) waiting.isProven = true;
      const isOlder = needsProof && conversation.state.logSeq !== attempt.expectLast;
      if (isOlder || conversation.sought.hasFound) return false;
    }
    settle(conversation, attempt.decided, (one) => {
      if (one.result instanceof Problem) metrics.refusals.add(one.result.code, 1);
      if (answer instanceof Problem && !isDuplicate(one)) one.waiting.answer(answer);
      else one.waiting.answer(answered(conversation, one, []));
    });
    return true;
  }

  async function append(conversation: LoadedConversation, attempt: Attempt): Promise<boolean> {
    const startedMs = clock.monotonicMs();
    const sentBefore = new Set<Waiting>();
    for (const { waiting, count } of attempt.decided) {
      if (waiting.isSent) sentBefore.add(waiting);
      if (count === 0) continue;
      waiting.isSent = true;
      waiting.attempts += 1;
    }
    conversation.appending = attempt.entries;
    const result = await log.append(conversation.ref, attempt.expectLast, attempt.entries);
    conversation.appending = [];
    if (result.kind !== 'stored') deps.release(conversation);
    metrics.appendSeconds.observe((clock.monotonicMs() - startedMs) / 1000);
    switch (result.kind) {
      case 'stored': {
        metrics.appends.add(`${log.partition(conversation.ref.conversation)}`, attempt.entries.length);
        conversation.losses = 0;
        const entries = attempt.entries.map((entry, index) => ({
          ...entry,
          logSeq: result.firstLogSeq + index,
        }));
        for (const entry of entries) conversation.apply(entry);
        deps.release(conversation);
        settle(conversation, attempt.decided, (one) => answerStored(conversation, one, entries));
        return true;
      }
      case 'conflict':
        metrics.appendConflicts.add(1);
        return await conflict(conversation, attempt);
      case 'unknown':
        metrics.appendUnknowns.add(1);
        if (await resolveUnknown(conversation)) return true;
        // Those behind it waited for a log that does not answer, and not because there is too much to do.
        return refuseUnanswered(conversation) || refuseLate(conversation, 'unavailable');
      case 'refused':
        return await refuse(conversation, attempt, result.problem, sentBefore);
    }
  }

  /**
   * This append surely stored nothing: the answer is the log's problem, but for what was stored long ago. An
   * earlier append of the same command, or the node that it was with, may have stored it: the log tells.
   * If it did not and NATS was just away, the command goes its way again, with the same event id.
   */
  async function refuse(
    conversation: LoadedConversation,
    attempt: Attempt,
    problem: Problem,
    sentBefore: ReadonlySet<Waiting>,
  ): Promise<boolean> {
    for (const { waiting } of attempt.decided) waiting.isSent = sentBefore.has(waiting);
    if (sentBefore.size > 0) {
      const isOver = await resolveUnknown(conversation);
      if (isOver || conversation.sought.hasFound || problem.code === 'unavailable') return isOver;
    }
    const decided = new Map(attempt.decided.map((one) => [one.waiting, one]));
    for (const waiting of takeOut(conversation, (one) => decided.has(one))) {
      const one = decided.get(waiting);
      const isStored = one !== undefined && isDuplicate(one);
      waiting.answer(isStored ? answered(conversation, one, []) : problem);
    }
    return true;
  }

  /** Somebody else wrote. If the feed has not brought it yet, the log has it. */
  async function conflict(conversation: LoadedConversation, attempt: Attempt): Promise<boolean> {
    if (conversation.state.logSeq === attempt.expectLast) {
      const head = await log.head(conversation.ref);
      if (!(head instanceof Problem) && head < attempt.expectLast) return outlived(conversation);
      const problem = head instanceof Problem ? head : await deps.catchUp.to(conversation, head);
      if (conversation.isOutlived) return outlived(conversation);
      if (problem !== null) return await resolveUnknown(conversation);
    }
    for (const { waiting } of attempt.decided) waiting.isSent = waiting.wasForwarded || waiting.isForwarded;
    return lost(conversation);
  }

  /** The stream was made anew: nothing can be appended to what is known here; who comes next loads it again. */
  function outlived(conversation: LoadedConversation): true {
    conversation.isOutlived = true;
    deps.drop(conversation);
    fail(conversation, new Problem('unavailable'));
    return true;
  }

  /**
   * Stored or not? The log is read until it answers, however long the server is away, up to the
   * bound: an error is never answered for something that was stored while we can still find out.
   */
  async function resolveUnknown(conversation: LoadedConversation): Promise<boolean> {
    const deadline = clock.monotonicMs() + limits.unknownResolveMs;
    for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 250)) {
      const head = await log.head(conversation.ref);
      const problem = head instanceof Problem ? head : await deps.catchUp.to(conversation, head);
      if (problem === null) return false;
      if (conversation.isOutlived) return outlived(conversation);
      // What was surely not stored need not wait for the server to come back.
      fail(conversation, new Problem('unavailable'), (waiting) => !waiting.isSent);
      if (clock.monotonicMs() > deadline) {
        fail(conversation, new Problem('unavailable'));
        return true;
      }
      await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    }
  }

  /**
   * The log can be read, does not have it, and answers no append: a stream whose disk failed is silent until its
   * server is restarted. Sending it again for ever would help nobody.
   */
  function refuseUnanswered(conversation: LoadedConversation): boolean {
    if (answerThoseStored(conversation)) return true;
    const sinceMs = clock.monotonicMs() - limits.unknownResolveMs;
    const isUnanswered = (one: Waiting): boolean => one.isSent && one.sinceMs < sinceMs;
    if (!conversation.queue.some(isUnanswered)) return false;
    fail(conversation, new Problem('unavailable'), isUnanswered);
    return true;
  }

  return {
    get queued() {
      return commands.queued;
    },
    get queuedChars() {
      return commands.queuedChars;
    },
    handle(conversation, principal, command, context, isForwarded) {
      if (!deps.live.isConnected) return Promise.resolve(new Problem('unavailable'));
      const full = fullQueue(conversation, command);
      if (full !== null) return Promise.resolve(overloaded(full));
      return new Promise((answer) => {
        const fresh = { isSent: isForwarded, wasForwarded: false, isProven: false, attempts: 0 };
        const sinceMs = clock.monotonicMs();
        const asked = { principal, command, context, sinceMs, isForwarded };
        const waiting: Waiting = tracing.isOn
          ? tracedWaiting(tracing, log.partition(context.conversation), { ...asked, ...fresh, answer })
          : { ...asked, ...fresh, span: null, answer };
        commands.add(conversation, waiting);
        // It may have been under way for longer than its node waited, which then stored it by itself.
        const stored = isForwarded
          ? conversation.tail.find(({ event }) => event.id === context.id)
          : undefined;
        if (stored !== undefined) conversation.sought.take(stored);
        if (conversation.isBusy) conversation.wake();
        else void run(conversation);
      });
    },
  };
}
