/**
 * A message that an agent writes piece by piece. Pieces are numbered from 0 and not answered, so they are kept until
 * the end: after a lost connection, or a refusal that passes, the server is asked how far the draft is, and what
 * follows is sent again.
 */
import { bounds } from '../bounds.ts';
import { isPassing, ParleyProblem } from '../problem.ts';
import type { Connection } from '../socket/connection.ts';
import type { NewMessage, Opened, Posted, Priority } from '../wire.ts';
import { PieceBuffer } from './piece-buffer.ts';

export interface StreamOptions {
  /** The run that it belongs to; by default one of its own, which ends with it. */
  readonly run?: string;
  /** A UUID; by default a new one. */
  readonly message_id?: string;
  /** `critical` passes a pause. */
  readonly priority?: Priority;
  readonly data_class?: NonNullable<NewMessage['data_class']>;
  /** Stops writing. What was written stays a draft until it is abandoned. */
  readonly signal?: AbortSignal;
}

/** Fields of the message that ends the stream. */
export type FinalFields = Omit<NewMessage, 'content' | 'message_id' | 'run' | 'priority' | 'data_class'>;

export interface StreamWorld {
  readonly conversation: string;
  connection(): Connection | null;
  post(message: NewMessage): Promise<Posted>;
  /** It is over: nobody tells it anything any more. */
  forget(): void;
}

export class MessageStream {
  readonly run: string;
  readonly messageId: string;
  /** Aborted as soon as nothing more may be written: preempted, cancelled, paused, the floor lost; the reason says it. */
  readonly signal: AbortSignal;
  readonly #key: string;
  readonly #world: StreamWorld;
  readonly #options: StreamOptions;
  readonly #ending = new AbortController();
  readonly #buffer = new PieceBuffer();
  #problem: ParleyProblem | null = null;
  #sent = 0;
  #isSyncing = false;
  #isEnded = false;
  #resyncs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(key: string, world: StreamWorld, options: StreamOptions, made: { readonly id: () => string }) {
    this.#key = key;
    this.#world = world;
    this.#options = options;
    this.run = options.run ?? made.id();
    this.messageId = options.message_id ?? made.id();
    this.signal = this.#ending.signal;
    const { signal } = options;
    if (signal?.aborted === true) this.stop(aborted(signal));
    signal?.addEventListener('abort', () => this.stop(aborted(signal)), { once: true, signal: this.signal });
  }

  /** Everything that was written. */
  get text(): string {
    return this.#buffer.text;
  }

  /** Why it was stopped; null: it was not. */
  get problem(): ParleyProblem | null {
    return this.#problem;
  }

  /**
   * Adds text. Resolves when the socket has taken most of what there is, so that who waits for it does not run ahead.
   * Rejects with what stopped the stream (`run_preempted`, `conversation_paused`, `not_your_turn`…), and as
   * `too_large` beyond 256 KiB in all.
   */
  async write(text: string): Promise<void> {
    this.#refuseIfOver();
    if (!this.#buffer.add(text))
      throw new ParleyProblem('too_large', 'A streamed message has at most 256 KiB.');
    this.#timer ??= setTimeout(() => this.#flush(), bounds.pieceJoinMs);
    for (let connection = this.#world.connection(); isFull(connection); connection = this.#world.connection())
      await new Promise<void>((resolve) => setTimeout(resolve, bounds.pieceJoinMs));
    this.#refuseIfOver();
  }

  /**
   * Posts the message in the draft's place: what was written, or `finalText`. Answers when it is durable; sent again
   * until it is, as Conversation.post(). A run that was made for this stream ends with it.
   */
  async end(finalText?: string, fields: FinalFields = {}): Promise<Posted> {
    this.#refuseIfOver();
    this.#isEnded = true;
    clearTimeout(this.#timer);
    const { priority, data_class, run } = this.#options;
    const message: NewMessage = {
      end_run: run === undefined,
      ...fields,
      content: finalText ?? this.text,
      message_id: this.messageId,
      run: this.run,
      ...(priority === undefined ? {} : { priority }),
      ...(data_class === undefined ? {} : { data_class }),
    };
    try {
      const posted = await this.#world.post(message);
      this.#world.forget();
      return posted;
    } catch (error) {
      this.stop(error instanceof ParleyProblem ? error : new ParleyProblem('internal', String(error)));
      throw error;
    }
  }

  /** For those who hear what the conversation allows. */
  stop(problem: ParleyProblem): void {
    if (this.#problem !== null) return;
    this.#problem = problem;
    clearTimeout(this.#timer);
    this.#world.forget();
    this.#ending.abort(problem);
  }

  /** The server's answer to one of its pieces. */
  refused(problem: ParleyProblem): void {
    if (this.#isEnded || this.#problem !== null) return;
    if (!isPassing(problem) && problem.code !== 'index_gap') return this.stop(problem);
    if (this.#isSyncing) return;
    this.#resyncs += 1;
    if (this.#resyncs > bounds.streamRefusalsMax) return this.stop(problem);
    this.#isSyncing = true;
    setTimeout(() => {
      this.#isSyncing = false;
      const connection = this.#world.connection();
      if (connection !== null) this.resync(connection);
    }, problem.retryAfterMs ?? bounds.pauseMsMin);
  }

  /** A new socket, or a gap: goes on where the draft of the server ends. */
  resync(connection: Connection): void {
    if (this.#isSyncing || this.#isEnded || this.#problem !== null) return;
    this.#isSyncing = true;
    const { conversation } = this.#world;
    connection
      .request('open', { conversation }, (reply) => {
        const [opened] = (reply['conversations'] ?? []) as readonly Opened[];
        const draft = opened?.drafts.find(({ message_id }) => message_id === this.messageId);
        this.#sent = draft === undefined ? 0 : Math.min(draft.index + 1, this.#buffer.pieces.length);
      })
      .catch(() => undefined)
      .finally(() => {
        this.#isSyncing = false;
        this.#pump();
      });
  }

  #flush(): void {
    this.#timer = undefined;
    this.#buffer.cut();
    this.#pump();
  }

  #pump(): void {
    const connection = this.#world.connection();
    if (connection === null || this.#isSyncing || this.#isEnded || this.#problem !== null) return;
    const { pieces } = this.#buffer;
    for (; this.#sent < pieces.length; this.#sent += 1) {
      if (isFull(connection)) {
        this.#timer ??= setTimeout(() => this.#flush(), bounds.pieceJoinMs);
        return;
      }
      connection.tell('delta', this.#delta(this.#sent, pieces[this.#sent] ?? ''));
    }
  }

  #delta(index: number, text: string): Readonly<Record<string, unknown>> {
    const { data_class } = this.#options;
    return {
      id: `${this.#key}.${index}`,
      conversation: this.#world.conversation,
      message_id: this.messageId,
      run: this.run,
      index,
      text,
      ...(data_class === undefined ? {} : { data_class }),
    };
  }

  #refuseIfOver(): void {
    if (this.#problem !== null) throw this.#problem;
    if (this.#isEnded) throw new ParleyProblem('conflict', 'This stream has ended.');
  }
}

const isFull = (connection: Connection | null): boolean =>
  connection !== null && connection.bufferedBytes > bounds.socketBufferBytesMax;

function aborted({ reason }: AbortSignal): ParleyProblem {
  return new ParleyProblem('closed', 'The stream was aborted by its writer.', { cause: reason });
}
