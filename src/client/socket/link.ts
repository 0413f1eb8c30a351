/**
 * The connection that a client has for its whole life, over any number of sockets.
 *
 *   connecting -> open -> waiting -> connecting …       closed: by close(), or for a reason that another attempt
 *                                                        would only meet again
 */
import { bounds } from '../bounds.ts';
import type { Settings } from '../options.ts';
import { pause, unlessAborted } from '../pause.ts';
import { isDisconnected, isPassing, ParleyProblem } from '../problem.ts';
import type { ClientPrincipal } from '../wire.ts';
import { pauseBefore } from './backoff.ts';
import type { Connection, ConnectionEnd, Fields, OnPush, Reply } from './connection.ts';
import { type Dialled, dial, endProblem } from './dial.ts';
import { LinkToken } from './link-token.ts';
import { Turns } from './turns.ts';

export type LinkState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface LinkChange {
  readonly state: LinkState;
  /** Why it is waiting or closed; null when close() was called. */
  readonly problem: ParleyProblem | null;
  /** When the next attempt is made, of `waiting`. */
  readonly retryInMs: number | null;
}

export interface LinkEvents {
  /** A new socket, before any request of others goes over it: what was followed is resumed here. */
  onOpen(connection: Connection): void;
  onPush: OnPush;
  onChange(change: LinkChange): void;
}

export interface RequestHow {
  /** Asked again over a new connection when the answer got lost: doing it twice is as good as once. */
  readonly isRepeatable: boolean;
  readonly signal?: AbortSignal | undefined;
  /** How long a refusal that may pass is tried again; default 30 s. */
  readonly retryMs?: number;
  /** Requests of one place that are refused for the moment are asked again in their order, others behind them. */
  readonly place?: string;
}

export class Link {
  state: LinkState = 'connecting';
  principal: ClientPrincipal | null = null;
  /** Why it is closed, once it is. */
  problem: ParleyProblem | null = null;
  readonly #settings: Settings;
  readonly #events: LinkEvents;
  readonly #ending = new AbortController();
  readonly #turns = new Turns();
  readonly #token: LinkToken;
  #connection: Connection | null = null;
  #whenOpen: PromiseWithResolvers<Connection>;
  #requests = 0;
  #wasOpen = false;
  /** Why the last attempt failed. */
  #last: ParleyProblem | null = null;

  constructor(settings: Settings, events: LinkEvents) {
    this.#settings = settings;
    this.#token = new LinkToken(settings);
    this.#events = events;
    this.#whenOpen = resolvers<Connection>();
  }

  /** Resolves with the first hello. Rejects, and is closed then, with what stands in the way. */
  async start(): Promise<void> {
    const { connectTimeoutMs, signal } = this.#settings;
    const late = setTimeout(
      () =>
        this.#close(
          new ParleyProblem('unreachable', `No node answered within ${connectTimeoutMs} ms.`, {
            cause: this.#last,
          }),
        ),
      connectTimeoutMs,
    );
    void this.#run();
    try {
      await unlessAborted(this.#whenOpen.promise, signal);
    } catch (error) {
      this.#close(null);
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  /** The socket that is open now. */
  get connection(): Connection | null {
    return this.state === 'open' ? this.#connection : null;
  }

  /**
   * Asks when there is a connection, again after refusals that pass. Rejects with the server's problem; with
   * `disconnected` when the answer got lost and the request is not repeatable; with `closed`; with the signal's reason.
   */
  async request(op: string, fields: Fields, how: RequestHow): Promise<Reply> {
    if (this.#requests >= bounds.requestsMax)
      throw new ParleyProblem('overloaded', `${bounds.requestsMax} requests wait for their answers already.`);
    this.#requests += 1;
    const leaving: (() => void)[] = [];
    /** Stands in line, once. True when others were before it: then there is no need to pause, too. */
    const waited = async (): Promise<boolean> => {
      if (how.place === undefined || leaving.length > 0) return false;
      const isFirst = !this.#turns.isBusy(how.place);
      const { mine, leave } = this.#turns.join(how.place);
      leaving.push(leave);
      await unlessAborted(mine, how.signal);
      return !isFirst;
    };
    try {
      if (how.place !== undefined && this.#turns.isBusy(how.place)) await waited();
      return await this.#retried(op, fields, how, waited);
    } finally {
      this.#requests -= 1;
      for (const leave of leaving) leave();
    }
  }

  close(): void {
    this.#close(null);
  }

  async #retried(
    op: string,
    fields: Fields,
    { isRepeatable, signal, retryMs = bounds.retryMs }: RequestHow,
    waited: () => Promise<boolean>,
  ): Promise<Reply> {
    const until = Date.now() + retryMs;
    for (let attempt = 1; ; ) {
      signal?.throwIfAborted();
      try {
        const connection = await unlessAborted(this.#whenOpen.promise, signal);
        return await unlessAborted(connection.request(op, fields), signal);
      } catch (error) {
        if (!(error instanceof ParleyProblem)) throw error;
        const isAgain = isRepeatable || !error.isOutcomeUnknown;
        if (isDisconnected(error) && this.#isClosed()) throw this.#endOf(error);
        if (isDisconnected(error) && isAgain) continue;
        if (!isPassing(error)) throw error;
        const waitMs = pauseBefore(attempt, undefined) + (error.retryAfterMs ?? 0);
        if (Date.now() + waitMs > until) throw error;
        if (!(await waited())) await pause(waitMs, signal);
        attempt += 1;
      }
    }
  }

  async #run(): Promise<void> {
    for (let failures = 0; this.state !== 'closed'; failures += 1) {
      this.#change({ state: 'connecting', problem: null, retryInMs: null });
      const openedAt = Date.now();
      const problem = await this.#once();
      if (this.#isClosed()) return;
      if (this.#token.isEndedBy(problem)) return this.#close(problem);
      if (this.#settings.isImpatient && this.principal === null && isDisconnected(problem))
        return this.#close(new ParleyProblem('unreachable', 'No node answered.', { cause: problem }));
      this.#last = problem;
      if (this.#wasOpen && Date.now() - openedAt > bounds.steadyMs) failures = 0;
      const retryInMs = pauseBefore(failures, problem.retryAfterMs);
      this.#change({ state: 'waiting', problem, retryInMs });
      await pause(retryInMs, this.#ending.signal).catch(() => undefined);
    }
  }

  /** One socket, from its handshake to its end: answers why it ended. */
  async #once(): Promise<ParleyProblem> {
    this.#wasOpen = false;
    try {
      const token = await this.#token.ask();
      if (this.#isClosed()) return new ParleyProblem('closed');
      const onPush: OnPush = (frame, chars) => this.#events.onPush(frame, chars);
      const dialled = await dial(
        this.#settings,
        { token, isInHandshake: this.#token.isInHandshake },
        onPush,
        this.#ending.signal,
      );
      return endProblem(await this.#live(dialled, token));
    } catch (error) {
      this.#token.attemptFailed();
      if (error instanceof ParleyProblem) return error;
      return new ParleyProblem('disconnected', 'No token could be had.', { cause: error });
    }
  }

  async #live({ connection, hello }: Dialled, token: string | null): Promise<ConnectionEnd> {
    if (this.#isClosed()) {
      connection.close();
      return await connection.closed;
    }
    this.#wasOpen = true;
    this.#token.wasAccepted();
    this.#connection = connection;
    connection.onEnd = () => {
      this.#token.stopRenewing();
      this.#connection = null;
      if (!this.#isClosed()) this.#whenOpen = resolvers<Connection>();
    };
    this.principal = hello.principal;
    if (token !== null) this.#token.renewOn(connection, token);
    this.#greet(connection);
    return await connection.closed;
  }

  /** What was followed is resumed first; then those that wait go on, in the order in which they asked. */
  #greet(connection: Connection): void {
    this.state = 'open';
    this.#events.onOpen(connection);
    this.#events.onChange({ state: 'open', problem: null, retryInMs: null });
    this.#whenOpen.resolve(connection);
  }

  /** Why nothing is asked again, of what had no answer when this was closed. */
  #endOf({ isOutcomeUnknown }: ParleyProblem): ParleyProblem {
    const { code = 'closed', message } = this.problem ?? {};
    return new ParleyProblem(code, message, { isOutcomeUnknown });
  }

  #isClosed(): boolean {
    return this.state === 'closed';
  }

  #close(problem: ParleyProblem | null): void {
    if (this.#isClosed()) return;
    this.problem = problem ?? new ParleyProblem('closed', 'This client was closed.');
    this.state = 'closed';
    this.#ending.abort();
    this.#token.stopRenewing();
    this.#whenOpen.reject(this.problem);
    if (this.#connection !== null) this.#whenOpen = rejected(this.problem);
    this.#connection?.close();
    this.#events.onChange({ state: 'closed', problem, retryInMs: null });
  }

  #change(change: LinkChange): void {
    if (this.#isClosed()) return;
    this.state = change.state;
    this.#events.onChange(change);
  }
}

/** A promise with what settles it; that nobody waits for it when it is rejected is no error. */
function resolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function rejected(problem: ParleyProblem): PromiseWithResolvers<Connection> {
  const made = resolvers<Connection>();
  made.reject(problem);
  return made;
}
