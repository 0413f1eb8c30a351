/**
 * One answer that somebody waits for.
 *
 *   waiting --the answer was posted--> given
 *      |----- preempt, removal, deletion, the turn ended without words --> refused
 *      \----- time, cancel() --> refused
 */
import type { Event, EventOf } from '../../../domain/event.ts';
import type { MessageId, PrincipalId } from '../../../domain/ids.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AnswerPiece, GivenAnswer } from '../../../ports/agents/agent-answers.ts';
import type { Delta } from '../../live/live-bus.ts';
import { stopsOwnRun } from '../stops.ts';
import type { TurnNames } from '../turns/turn-names.ts';
import { isActionNotice } from './action-notice.ts';

export interface Expected {
  readonly message: MessageId;
  readonly agent: PrincipalId;
  readonly asker: PrincipalId;
  readonly names: TurnNames;
  /** Its answers are made here: what it streams of other messages is known by its name. */
  readonly runs: boolean;
  readonly onPiece: (piece: AnswerPiece) => void;
}

export class Expectation {
  readonly answer: Promise<GivenAnswer | Problem>;
  #expected: Expected;
  #settle: (outcome: GivenAnswer | Problem) => void = () => undefined;
  #isOver = false;
  /** Seq of the message; null: not posted yet. */
  #seq: number | null = null;
  /** The message that is streamed as its answer, and what was told of it. */
  #draft: MessageId | null = null;
  #told = '';
  #pieces = 0;

  constructor(expected: Expected) {
    this.#expected = expected;
    this.answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get agent(): PrincipalId {
    return this.#expected.agent;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end(outcome: GivenAnswer | Problem): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#settle(outcome);
  }

  /** The message turned out to be another one: a retry was answered with it. */
  becomes(message: MessageId, names: TurnNames): void {
    this.#expected = { ...this.#expected, message, names };
  }

  concerns(message: MessageId): boolean {
    return this.#expected.message === message;
  }

  takeEvent(event: Event): void {
    if (this.#isOver) return;
    const { agent, asker, message, names } = this.#expected;
    if (event.type === 'message.posted') {
      if (event.data.message_id === message) this.#seq = event.seq;
      else if (event.actor.id === agent) this.#takePost(event);
    } else if (event.type === 'control') {
      const own = { run: names.run, agent, seq: this.#seq ?? Number.POSITIVE_INFINITY };
      if (stopsOwnRun(event, own)) this.end(new Problem('run_preempted'));
    } else if (event.type === 'participant.removed') {
      const { participant } = event.data;
      if (participant === agent || participant === asker) this.end(new Problem('not_found'));
    } else if (event.type === 'conversation.deleted') {
      this.end(new Problem('not_found'));
    }
  }

  takeDelta({ message_id: id, run, from, text }: Delta, author: PrincipalId): void {
    if (this.#isOver || author !== this.#expected.agent || !this.#isOfAnswer(id, run, from)) return;
    // A draft that is told from its beginning again may only hold more of the same.
    const goesOn = from > 0 || text.startsWith(this.#told);
    const fresh = from > 0 ? text : goesOn ? text.slice(this.#told.length) : text;
    this.#told = goesOn ? this.#told + fresh : text;
    if (fresh === '') return;
    this.#expected.onPiece({ message: id, index: this.#pieces, text: fresh, startsOver: !goesOn });
    this.#pieces += 1;
  }

  /** Of an agent that somebody outside speaks for, the first that it begins after the message. */
  #isOfAnswer(id: MessageId, run: string, from: number): boolean {
    const { names, runs } = this.#expected;
    if (id === names.answer && run === names.run) return true;
    if (runs || this.#seq === null) return false;
    if (this.#draft === null && from === 0) this.#draft = id;
    return this.#draft === id;
  }

  #takePost(event: EventOf<'message.posted'>): void {
    const { message_id: id, interrupted, deleted } = event.data;
    const { names, message } = this.#expected;
    if (deleted === true) return;
    if (id === names.answer || id === this.#draft) {
      return this.end(interrupted === true ? new Problem('run_preempted') : given(event));
    }
    if (interrupted === true || this.#seq === null || (event.seq ?? 0) < this.#seq) return;
    const { content, reply_to: replyTo } = event.data;
    // What agents that run here say names its turn, and this one is of another message.
    const isOfTurn = event.run !== undefined && event.client_id === event.run;
    if (isOfTurn || isActionNotice(content)) return;
    if (replyTo === message || replyTo === null) this.end(given(event));
  }
}

function given(event: EventOf<'message.posted'>): GivenAnswer {
  return { event, message: event.data.message_id, run: event.run ?? null };
}
