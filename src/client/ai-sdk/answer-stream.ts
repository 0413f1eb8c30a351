/** The answer of an agent as chunks of a UI message. */
import type { UIMessageChunk } from 'ai';
import type { Feed } from '../feed/feed.ts';
import { ParleyProblem } from '../problem.ts';
import type { Delta, Event, EventOf, Pulse, Reset } from '../wire.ts';
import { metadataOf } from './ui-messages.ts';

export type ChatFeed = Feed<Event | Reset | Delta | Pulse>;

export interface Question {
  readonly self: string;
  /** Position of the question: what was begun before it answers something else. */
  readonly after: number;
  /** It was asked before this reader came: its event does not come any more. */
  readonly isAsked: boolean;
  /** The message that is being written already, of a reader who comes back. */
  readonly draft: string | null;
  /** Nobody else is listened to; null: anybody but the asker. */
  readonly agent: string | null;
}

/** waiting -> writing (its message has begun) -> over */
export class AnswerStream {
  readonly readable: ReadableStream<UIMessageChunk>;
  /** Resolves when no more chunks come. */
  readonly over: Promise<void>;
  /** The run that answers, as soon as it is known. */
  run: string | null = null;
  readonly #feed: ChatFeed;
  readonly #question: Question;
  #message: string | null;
  #isAsked: boolean;
  #isBegun = false;
  #text = '';
  #chunks: ReadableStreamDefaultController<UIMessageChunk> | null = null;

  constructor(feed: ChatFeed, question: Question) {
    this.#feed = feed;
    this.#question = question;
    this.#message = question.draft;
    this.#isAsked = question.isAsked;
    let finish: () => void = () => undefined;
    this.over = new Promise((resolve) => (finish = resolve));
    this.readable = new ReadableStream<UIMessageChunk>({
      start: (controller) => {
        this.#chunks = controller;
      },
      // One item at a time, as fast as they are read.
      pull: () => this.#step(),
      // A reader who leaves stops nothing: only control events do.
      cancel: () => this.end(),
    });
    this.end = () => {
      void feed.return();
      finish();
      try {
        this.#chunks?.close();
      } catch {
        // Closed before.
      }
    };
  }

  /** No more chunks. */
  readonly end: () => void;

  async #step(): Promise<void> {
    try {
      for (let isSaid = false; !isSaid; ) {
        const { value, done } = await this.#feed.next();
        if (done === true) return this.end();
        isSaid = this.#take(value);
      }
    } catch (error) {
      this.#say({ type: 'error', errorText: error instanceof ParleyProblem ? error.message : String(error) });
      this.end();
    }
  }

  /** True when chunks came of it, or the end. */
  #take(item: Event | Reset | Delta | Pulse): boolean {
    switch (item.type) {
      case 'delta':
        return this.#piece(item);
      case 'message.posted':
        return this.#posted(item);
      case 'control':
        return this.#controlled(item);
      case 'pulse':
        return item.kind === 'draft.abandoned' && this.#abandoned(item.message_id);
      case 'reset':
        return this.#fail('The conversation was reset.');
      default:
        return false;
    }
  }

  #piece({ message_id, run, text }: Delta): boolean {
    // What is written before the question is there answers something else.
    if (!this.#isAsked) return false;
    this.#message ??= message_id;
    if (message_id !== this.#message) return false;
    this.run = run;
    this.#begin(message_id);
    this.#write(text);
    return true;
  }

  #posted(event: EventOf<'message.posted'>): boolean {
    const { message_id, content, metadata } = event.data;
    if (event.position === this.#question.after) this.#isAsked = true;
    const isMine = event.actor.id === this.#question.self;
    if (isMine || event.position <= this.#question.after || metadata['is_internal'] === true) return false;
    const isOfOthers = this.#question.agent !== null && event.actor.id !== this.#question.agent;
    const isAnswer =
      this.#message === null ? !isOfOthers && event.actor.kind !== 'user' : message_id === this.#message;
    if (!isAnswer) return false;
    this.run = event.run ?? this.run;
    this.#begin(message_id);
    // A text that replaces what was streamed cannot be unsaid here: the metadata has it.
    const isContinued = content.startsWith(this.#text);
    if (isContinued) this.#write(content.slice(this.#text.length));
    this.#say({ type: 'text-end', id: message_id });
    const said = isContinued ? {} : { content };
    this.#say({ type: 'message-metadata', messageMetadata: { ...metadataOf(event), ...said } });
    this.#say({ type: 'finish-step' });
    this.#say({ type: 'finish' });
    this.end();
    return true;
  }

  /** A run that was stopped before it said anything; what it had said comes as a message. */
  #controlled({ data, position }: EventOf<'control'>): boolean {
    const isEnd = data.event === 'stream.preempt' || data.event === 'stream.cancel';
    if (!isEnd || position <= this.#question.after || this.#isBegun) return false;
    const { agent } = this.#question;
    const isMeant =
      data.target === null ? data.runs.length === 0 || this.run === null : data.target === agent;
    if (!isMeant && !(this.run !== null && data.runs.includes(this.run))) return false;
    this.#say({ type: 'abort' });
    this.end();
    return true;
  }

  #abandoned(message: string): boolean {
    return message === this.#message && this.#fail('The agent fell silent.');
  }

  #fail(errorText: string): true {
    this.#say({ type: 'error', errorText });
    this.end();
    return true;
  }

  #begin(message: string): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#message = message;
    this.#say({ type: 'start', messageId: message });
    this.#say({ type: 'start-step' });
    this.#say({ type: 'text-start', id: message });
  }

  #write(delta: string): void {
    this.#text += delta;
    if (delta !== '' && this.#message !== null) this.#say({ type: 'text-delta', id: this.#message, delta });
  }

  #say(chunk: UIMessageChunk): void {
    try {
      this.#chunks?.enqueue(chunk);
    } catch {
      // Stopped meanwhile: nobody reads on.
    }
  }
}
