/**
 * The write trip's core: commands of one conversation wait in a queue, one append is in flight, and
 * across conversations everything is parallel.
 *
 *   idle -> deciding -> appending -> idle
 *                    \-> confirming (only refusals) -> idle | deciding
 *   appending: stored -> answered; conflict -> caught up, deciding; unknown -> the log is read until
 *   it tells, then answered or deciding; refused -> answered.
 */
import type { Command, CommandContext } from '../../../domain/command.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { LiveFeed } from '../../../ports/live-feed.ts';
import type { Log } from '../../../ports/log.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { Tracing } from '../../../ports/tracing.ts';
import type { Outcome } from '../../bus.ts';
import type { CatchUp } from '../catch-up.ts';
import type { FactsReader } from '../facts-reader.ts';
import type { HeadCheck } from '../head-check.ts';
import type { LoadedConversation } from '../loaded-conversation.ts';
import { type Attempt, decideFront } from './attempt.ts';
import { type AfterStore, answered, isDuplicate, openCommandQueue, whyFull } from './command-queue.ts';
import type { Forwarder } from './forwarder.ts';
import { refuseLate } from './late-commands.ts';
import { openNotStored } from './not-stored.ts';
import { tracedWaiting } from './traced-waiting.ts';
import type { Waiting } from './waiting.ts';

export interface Writer {
  /**
   * Queues a command; resolves when it is durable, refused and confirmed, or could not be handled. One that another
   * node forwarded has `forwardedAfter`, the position after which an event of it may be stored already.
   */
  handle(
    conversation: LoadedConversation,
    principal: Principal,
    command: Command,
    context: CommandContext,
    forwardedAfter: number | null,
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

const waitedTooLong = (): Problem => overloaded('command_waited');

export function openWriter(deps: Deps): Writer {
  const { log, clock, metrics, tracing } = deps;
  const commands = openCommandQueue(deps.afterStore);
  const { settle, takeOut, fail, answerThoseStored, answerStored } = commands;
  const notStored = openNotStored(deps, commands);

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
    if (refuseLate(commands, conversation, clock.monotonicMs(), waitedTooLong)) return true;
    if (deps.forwarder.isForwarding(conversation)) {
      if (await forward(conversation)) return true;
      if (answerThoseStored(conversation)) return true;
    }
    const deciding = decideFront(conversation, deps);
    const attempt = deciding instanceof Promise ? await deciding : deciding;
    if (attempt.isOvertaken) return notStored.lost(conversation);
    if (attempt.entries.length === 0) return await confirmRefusals(conversation, attempt);
    return await append(conversation, attempt);
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
        return await notStored.conflict(conversation, attempt);
      case 'unknown':
        metrics.appendUnknowns.add(1);
        return await notStored.unknown(conversation);
      case 'refused':
        return await notStored.refused(conversation, attempt, result.problem, sentBefore);
    }
  }

  return {
    get queued() {
      return commands.queued;
    },
    get queuedChars() {
      return commands.queuedChars;
    },
    handle(conversation, principal, command, context, forwardedAfter) {
      if (!deps.live.isConnected) return Promise.resolve(new Problem('unavailable'));
      const full = whyFull(commands, conversation, command);
      if (full !== null) return Promise.resolve(overloaded(full));
      return new Promise((answer) => {
        const isForwarded = forwardedAfter !== null;
        const fresh = { isSent: isForwarded, wasForwarded: false, isProven: false, attempts: 0 };
        const sinceMs = clock.monotonicMs();
        const after = forwardedAfter ?? conversation.state.position;
        const asked = { principal, command, context, sinceMs, after, isForwarded };
        const waiting: Waiting = tracing.isOn
          ? tracedWaiting(tracing, log.partition(context.conversation), { ...asked, ...fresh, answer })
          : { ...asked, ...fresh, span: null, answer };
        commands.add(conversation, waiting);
        // It may have been under way for longer than its node waited, which then stored it by itself.
        const stored = isForwarded ? conversation.inTailAfter(after, context.id) : null;
        if (stored !== null) conversation.sought.take(stored);
        if (conversation.isBusy) conversation.wake();
        else void run(conversation);
      });
    },
  };
}
