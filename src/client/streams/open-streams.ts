/** The messages that this client is writing: whom a refusal is for, and what control events mean to them. */
import type { Feed } from '../feed/feed.ts';
import { ParleyProblem, type ProblemFields, problemOf } from '../problem.ts';
import type { Connection } from '../socket/connection.ts';
import { uuidV7 } from '../uuid-v7.ts';
import type { EventOf, NewMessage, Posted, ServerFrame } from '../wire.ts';
import { MessageStream, type StreamOptions } from './message-stream.ts';

interface Conversation {
  readonly id: string;
  post(message: NewMessage): Promise<Posted>;
  events(): Feed;
}

export class OpenStreams {
  readonly #streams = new Map<string, MessageStream>();
  readonly #connection: () => Connection | null;
  readonly #self: () => string;
  #counter = 0;
  /** Of the client, once it is closed. */
  #over: ParleyProblem | null = null;

  constructor(connection: () => Connection | null, self: () => string) {
    this.#connection = connection;
    this.#self = self;
  }

  /** Begins a message; nothing is sent before its first text. */
  open(conversation: Conversation, options: StreamOptions): MessageStream {
    this.#counter += 1;
    const key = `s${this.#counter}`;
    const feed = conversation.events();
    const world = {
      conversation: conversation.id,
      connection: this.#connection,
      post: (message: NewMessage) => conversation.post(message),
      forget: () => {
        this.#streams.delete(key);
        void feed.return();
      },
    };
    const stream = new MessageStream(key, world, options, { id: uuidV7 });
    if (this.#over !== null) stream.stop(this.#over);
    if (stream.problem !== null) return stream;
    this.#streams.set(key, stream);
    void this.#heed(stream, feed, options);
    return stream;
  }

  /** A frame that may be the answer to a piece. False: it is none. */
  onPush({ re, ok, problem }: ServerFrame): boolean {
    const stream = ok === false && re !== undefined ? this.#streams.get(re.split('.')[0] ?? '') : undefined;
    stream?.refused(problemOf((problem ?? {}) as ProblemFields));
    return stream !== undefined;
  }

  onOpen(connection: Connection): void {
    for (const stream of this.#streams.values()) stream.resync(connection);
  }

  end(problem: ParleyProblem | null): void {
    this.#over = problem ?? new ParleyProblem('closed', 'This client was closed.');
    for (const stream of [...this.#streams.values()]) stream.stop(this.#over);
  }

  /** Stops at the control event itself: an agent that waits for its model must not wait for its next piece. */
  async #heed(stream: MessageStream, feed: Feed, options: StreamOptions): Promise<void> {
    try {
      for await (const item of feed) {
        const problem = item.type === 'control' ? this.#stops(item, stream, options) : null;
        if (problem !== null) return stream.stop(problem);
      }
    } catch (error) {
      if (error instanceof ParleyProblem) stream.stop(error);
    }
  }

  #stops(
    { data }: EventOf<'control'>,
    { run }: MessageStream,
    { priority }: StreamOptions,
  ): ParleyProblem | null {
    const { event, target } = data;
    const isEnd = event === 'stream.preempt' || event === 'stream.cancel';
    if (isEnd && (data.runs.includes(run) || target === this.#self()))
      return new ParleyProblem('run_preempted', data.reason ?? 'This run was preempted or cancelled.');
    if (event === 'stream.pause' && priority !== 'critical')
      return new ParleyProblem(
        'conversation_paused',
        data.reason ?? 'The conversation is paused for agents.',
      );
    const isFloor = event === 'stream.route' || event === 'stream.handoff';
    if (isFloor && target !== null && target !== this.#self())
      return new ParleyProblem('not_your_turn', 'Another agent has the floor.');
    return null;
  }
}
