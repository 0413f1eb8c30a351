/// <reference lib="esnext.disposable" preserve="true" />
/** A client: one connection, kept over lost sockets, and what goes over it. */
import { bounds } from './bounds.ts';
import { type Asking, Conversation } from './conversation.ts';
import { Conversations } from './conversations.ts';
import type { Feed, Wished, Wishes } from './feed/feed.ts';
import { Hub } from './feed/hub.ts';
import { canonical } from './feed/place.ts';
import { type ConnectOptions, settingsOf } from './options.ts';
import { ParleyProblem } from './problem.ts';
import { Link, type LinkChange, type LinkState } from './socket/link.ts';
import { OpenStreams } from './streams/open-streams.ts';
import type { ClientPrincipal, Cursor } from './wire.ts';

export type ClientState = LinkState;
export type StateChange = LinkChange;

/**
 * Connects, and answers when the server has said hello. Rejects with a ParleyProblem: `unauthenticated`, `suspended`,
 * `unreachable` (nobody answered in time; its cause says why), `invalid_request` (options).
 */
export async function connect(options: ConnectOptions = {}): Promise<ParleyClient> {
  const client = new ParleyClient(options);
  await client.start();
  return client;
}

export class ParleyClient {
  readonly conversations: Conversations;
  readonly #link: Link;
  readonly #hub: Hub;
  readonly #streams: OpenStreams;
  readonly #listeners = new Set<(change: StateChange) => void>();

  /** Use connect(). */
  constructor(options: ConnectOptions) {
    this.#link = new Link(settingsOf(options), {
      onOpen: (connection) => {
        this.#hub.onOpen(connection);
        this.#streams.onOpen(connection);
      },
      onPush: (frame, chars) => void (this.#hub.onPush(frame, chars) || this.#streams.onPush(frame)),
      onChange: (change) => this.#changed(change),
    });
    this.#hub = new Hub(this.#link);
    this.#streams = new OpenStreams(
      () => this.#link.connection,
      () => this.#link.principal?.id ?? '',
    );
    this.conversations = new Conversations(this.#link, (id) => this.conversation(id));
  }

  /** For connect(). */
  async start(): Promise<void> {
    await this.#link.start();
  }

  /** Who this client is: told by the server. */
  get principal(): ClientPrincipal {
    const { principal } = this.#link;
    if (principal === null) throw new ParleyProblem('closed', 'This client was never connected.');
    return principal;
  }

  /** `open`; `connecting` and `waiting` after a loss; `closed` for good. */
  get state(): ClientState {
    return this.#link.state;
  }

  /** Why it is closed; null: it is not, or was closed by close(). */
  get problem(): ParleyProblem | null {
    const { problem } = this.#link;
    return problem === null || problem.code === 'closed' ? null : problem;
  }

  /** Calls `listener` for each change of the state. The returned function ends that. */
  onState(listener: (change: StateChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A conversation by its id; whether it exists is found out by what is done with it. */
  conversation(id: string): Conversation {
    return new Conversation(canonical(id), this.#link, this.#hub, this.#streams);
  }

  /**
   * Follows every conversation that the principal is in, now and whenever it is added to one: from now on, or after
   * the cursors that an earlier feed had (`cursors()`), then with all that happened since in conversations that it
   * did not know. Each conversation in the order of positions, none missing, none twice.
   */
  follow<W extends Wishes>(
    options?: W & { readonly cursors?: Readonly<Record<string, Cursor>> },
  ): Feed<Wished<W>> {
    const { cursors, deltas, pulses } = options ?? {};
    const wishes = { deltas: deltas === true, pulses: pulses === true };
    return this.#hub.follow(wishes, cursors) as unknown as Feed<Wished<W>>;
  }

  /** Tells those who share a conversation how one is. */
  presence(status: 'online' | 'away' | 'busy', detail?: string): void {
    this.#link.connection?.tell('presence', { status, ...(detail === undefined ? {} : { detail }) });
  }

  /** The server's time (RFC 3339). */
  async ping({ signal }: Asking = {}): Promise<string> {
    const { at } = await this.#link.request(
      'ping',
      {},
      { isRepeatable: true, signal, retryMs: bounds.retryMs },
    );
    return String(at);
  }

  /** Ends the connection and every feed; what waits for an answer rejects with `closed`. */
  close(): void {
    this.#link.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #changed(change: StateChange): void {
    if (change.state === 'closed') {
      this.#hub.end(change.problem);
      this.#streams.end(change.problem);
    }
    for (const listener of [...this.#listeners]) {
      try {
        listener(change);
      } catch (error) {
        // The listener's own: it must not end the connection.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
