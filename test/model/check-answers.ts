/** What must hold of every answer, given the log that came of it. */
import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '../../src/core/bus.ts';
import type { Command, CommandContext } from '../../src/domain/command.ts';
import { decide } from '../../src/domain/decide/decide.ts';
import type { Facts } from '../../src/domain/facts.ts';
import type { Principal } from '../../src/domain/principal.ts';
import { Problem } from '../../src/domain/problem.ts';
import type { ConversationState } from '../../src/domain/state.ts';
import type { CapturedLog } from './captured-log.ts';

/** A command, what it was answered, and the heads of the log before it was sent and after it was answered. */
export interface Answered {
  readonly who: Principal;
  readonly command: Command;
  readonly context: CommandContext;
  readonly before: number;
  readonly after: number;
  readonly result: Outcome | Problem;
}

export function checkAnswers(log: CapturedLog, answers: readonly Answered[]): string[] {
  const faults = answers.flatMap((one) => checkAnswer(log, one).map((fault) => `${told(one)}: ${fault}`));
  const known = new Set(answers.map((one) => one.context.id));
  const strangers = log.entries.filter(({ event }) => {
    const isSpare =
      event.type === 'participant.added' || (event.type === 'message.posted' && event.data.interrupted);
    return !known.has(event.id) && isSpare !== true;
  });
  return [...faults, ...strangers.map(({ event }) => `nobody sent ${event.type} ${event.id}`)];
}

function told({ who, command, result }: Answered): string {
  const answer = result instanceof Problem ? result.code : 'accepted';
  return `${who.id} ${JSON.stringify(command)} -> ${answer}`;
}

function checkAnswer(log: CapturedLog, one: Answered): string[] {
  const { result, context } = one;
  const isStored = log.entries.some((entry) => entry.event.id === context.id);
  if (result instanceof Problem) {
    if (isStored) return ['it was refused and stored'];
    // No opinion about the conversation: its server was away.
    if (result.code === 'unavailable') return [];
    return wouldBe(log, one, (fresh) => fresh instanceof Problem && fresh.code === result.code);
  }
  if (result.duplicate !== null)
    return [...(isStored ? ['it was stored twice'] : []), ...checkDuplicate(log, one)];
  if (result.events.length === 0) {
    return wouldBe(log, one, (fresh) => !(fresh instanceof Problem) && fresh.kind === 'unchanged');
  }
  const isMissing = result.events.at(-1)?.id !== context.id;
  const wrong = result.events.filter((event) => !isDeepStrictEqual(log.at(event.position)?.event, event));
  return [
    ...(isMissing ? ['its own event is not in the answer'] : []),
    ...wrong.map((event) => `position ${event.position} is something else in the log`),
  ];
}

function checkDuplicate(log: CapturedLog, { who, command, result }: Answered): string[] {
  const first = result instanceof Problem ? null : result.duplicate;
  const event = log.at(first?.position ?? 0)?.event;
  if (first == null || event?.type !== 'message.posted' || command.op !== 'post')
    return ['a duplicate of nothing'];
  const isSame =
    event.id === first.eventId &&
    event.seq === first.seq &&
    event.actor.id === who.id &&
    (event.client_id === command.clientId || event.data.message_id === command.messageId);
  return isSame ? [] : [`a duplicate of position ${first.position}, which is not the same post`];
}

/** Some state that the log went through while the command was under way must answer likewise. */
function wouldBe(
  log: CapturedLog,
  one: Answered,
  isLike: (fresh: ReturnType<typeof decide>) => boolean,
): string[] {
  const states = log.statesBetween(one.before, one.after);
  const isExplained = states.some((state) => isLike(decideAt(log, state, one)));
  return isExplained
    ? []
    : [`no state between ${one.before} and ${one.after} (${states.length} of them) answers this`];
}

function decideAt(log: CapturedLog, state: ConversationState, one: Answered): ReturnType<typeof decide> {
  const { command, who, context } = one;
  const named = 'message' in command ? command.message : command.op === 'post' ? command.replyTo : null;
  const facts: Facts = {
    message: named === null ? null : log.entryAt(named, state.position),
    earlier: null,
    draft: null,
    drafts: [],
    spareIds: ['spare'],
  };
  // A conversation that this principal may not know of is not found before anything is decided.
  return decide(command, { state, facts, principal: who, context, now: Date.now() * 1000 });
}
