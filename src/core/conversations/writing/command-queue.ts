/**
 * The commands that wait in the queues of conversations: how they leave, and what each is answered. Every
 * command leaves once, whatever becomes of its append.
 */
import type { Command } from '../../../domain/command.ts';
import type { LogEntry } from '../../../domain/event.ts';
import type { Overload } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Outcome } from '../../bus.ts';
import type { LoadedConversation } from '../loaded-conversation.ts';
import type { Decided } from './attempt.ts';
import type { Waiting } from './waiting.ts';

export interface CommandQueue {
  /** Commands waiting in this process. */
  readonly queued: number;
  /** UTF-16 units of what they carry. */
  readonly queuedChars: number;
  add(conversation: LoadedConversation, waiting: Waiting): void;
  /** The front of the queue leaves; `answer` answers each. */
  settle(conversation: LoadedConversation, decided: readonly Decided[], answer: (one: Decided) => void): void;
  /** Takes those that `isChosen` says out of the queue, wherever they stand; the caller answers them. */
  takeOut(conversation: LoadedConversation, isChosen: (waiting: Waiting) => boolean): readonly Waiting[];
  /** Those that `isChosen` says (all by default) are answered `problem`. */
  fail(conversation: LoadedConversation, problem: Problem, isChosen?: (waiting: Waiting) => boolean): void;
  /** Those whose events were found in what was stored are answered; true when there were some. */
  answerThoseStored(conversation: LoadedConversation): boolean;
  /** A command whose events are among `entries`, which one append has stored. */
  answerStored(conversation: LoadedConversation, one: Decided, entries: readonly LogEntry[]): void;
}

/** What must happen between storing and answering; null: nothing. Never rejects. */
export type AfterStore = (
  conversation: LoadedConversation,
  entries: readonly LogEntry[],
) => Promise<void> | null;

export function openCommandQueue(afterStore: AfterStore): CommandQueue {
  let queued = 0;
  let queuedChars = 0;

  function leave(conversation: LoadedConversation, waiting: Waiting): void {
    queued -= 1;
    queuedChars -= charsOf(waiting);
    conversation.sought.end(waiting.context.id);
  }

  function settle(
    conversation: LoadedConversation,
    decided: readonly Decided[],
    answer: (one: Decided) => void,
  ): void {
    conversation.queue.splice(0, decided.length);
    for (const one of decided) {
      leave(conversation, one.waiting);
      answer(one);
    }
  }

  /** Takes those that `isChosen` says out of the queue, wherever they stand. */
  function takeOut(conversation: LoadedConversation, isChosen: (waiting: Waiting) => boolean): Waiting[] {
    const { queue } = conversation;
    const chosen = new Set(queue.filter(isChosen));
    if (chosen.size === 0) return [];
    queue.splice(0, queue.length, ...queue.filter((waiting) => !chosen.has(waiting)));
    for (const waiting of chosen) leave(conversation, waiting);
    return [...chosen];
  }

  function fail(
    conversation: LoadedConversation,
    problem: Problem,
    isChosen: (waiting: Waiting) => boolean = () => true,
  ): void {
    for (const waiting of takeOut(conversation, isChosen)) waiting.answer(problem);
  }

  /** After an unclear end, or after a forward, a command finds itself in what was stored. */
  function answerThoseStored(conversation: LoadedConversation): boolean {
    const { sought } = conversation;
    if (!sought.hasFound) return false;
    const found = new Map<Waiting, LogEntry>();
    for (const waiting of conversation.queue) {
      const entry = sought.found(waiting.context.id);
      if (entry !== null) found.set(waiting, entry);
    }
    for (const waiting of takeOut(conversation, (one) => found.has(one))) {
      const entries = [found.get(waiting)].filter((entry) => entry !== undefined);
      answerAfterEffects(conversation, waiting, entries, outcome(conversation, entries));
    }
    return found.size > 0;
  }

  function answerStored(conversation: LoadedConversation, one: Decided, entries: readonly LogEntry[]): void {
    const own = entries.slice(one.first, one.first + one.count);
    answerAfterEffects(conversation, one.waiting, own, answered(conversation, one, own));
  }

  function answerAfterEffects(
    conversation: LoadedConversation,
    waiting: Waiting,
    entries: readonly LogEntry[],
    result: Outcome | Problem,
  ): void {
    const after = entries.length > 0 ? afterStore(conversation, entries) : null;
    if (after === null) waiting.answer(result);
    else void after.then(() => waiting.answer(result));
  }

  return {
    get queued() {
      return queued;
    },
    get queuedChars() {
      return queuedChars;
    },
    add(conversation, waiting) {
      conversation.queue.push(waiting);
      conversation.sought.begin(waiting.context.id);
      queued += 1;
      queuedChars += charsOf(waiting);
    },
    settle,
    takeOut,
    fail,
    answerThoseStored,
    answerStored,
  };
}

/** Why no more commands are taken; null: there is room. */
export function whyFull(
  { queued, queuedChars }: Pick<CommandQueue, 'queued' | 'queuedChars'>,
  { queue }: LoadedConversation,
  command: Command,
): Overload | null {
  if (queue.length >= limits.commandsQueuedPerConversationMax) return 'commands_of_conversation';
  if (queued >= limits.commandsQueuedPerNodeMax) return 'commands';
  const isText = 'content' in command;
  return isText && queuedChars >= limits.commandsQueuedCharsMax ? 'command_texts' : null;
}

/** About: texts are nearly all that a command can be large by. */
function charsOf({ command }: Waiting): number {
  return 'content' in command && typeof command.content === 'string' ? command.content.length : 0;
}

/** Its event was stored before this attempt. */
export function isDuplicate(one: Decided): boolean {
  return !(one.result instanceof Problem) && one.result.kind === 'duplicate';
}

function outcome(conversation: LoadedConversation, entries: readonly LogEntry[]): Outcome {
  const events = entries.map((entry) => entry.event);
  return { ref: conversation.ref, events, duplicate: null, state: conversation.state };
}

/** What a decided command is answered, its events being `entries`. */
export function answered(
  conversation: LoadedConversation,
  { result }: Decided,
  entries: readonly LogEntry[],
): Outcome | Problem {
  if (result instanceof Problem) return result;
  if (result.kind !== 'duplicate') return outcome(conversation, entries);
  return { ref: conversation.ref, events: [], duplicate: result.first, state: conversation.state };
}
