/** The token of a link: how it is asked for, what it means that a server refuses it, and its renewal in time. */
import { bounds } from '../bounds.ts';
import type { Settings } from '../options.ts';
import { isPassing, type ParleyProblem } from '../problem.ts';
import type { Connection } from './connection.ts';
import { renewInMs } from './token-life.ts';

export class LinkToken {
  /** A cookie had made the socket somebody else's: the token goes before it. */
  isInHandshake = false;
  readonly #settings: Settings;
  #isRefused = false;
  /** Whoever gives tokens says that there is none. */
  #isMissing = false;
  /** Fresh tokens that were refused in a row. */
  #refusals = 0;
  /** The connection whose token is renewed; null: none. */
  #renewed: Connection | null = null;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** A token for the next handshake; null: there is none to show. Rejects as whoever gives tokens does. */
  async ask(): Promise<string | null> {
    this.#isMissing = true;
    const token = (await this.#settings.token?.({ isRefused: this.#isRefused })) ?? null;
    this.#isMissing = false;
    return token;
  }

  wasAccepted(): void {
    this.#isRefused = false;
    this.#refusals = 0;
  }

  /** Nobody tells why a handshake with a token was refused: perhaps for the token. */
  attemptFailed(): void {
    if (this.isInHandshake) this.#isRefused = true;
  }

  /** Would another attempt end the same way? Also notes what the next one has to do differently. */
  isEndedBy(problem: ParleyProblem): boolean {
    switch (problem.code) {
      case 'unauthenticated':
        this.#isRefused = true;
        this.#refusals += 1;
        if (this.#isMissing) return true;
        return this.#settings.isFixed || this.#refusals > bounds.refusedTokensMax;
      case 'forbidden': {
        // A cookie had made the socket somebody else's: next time the token comes before it.
        const isNews = problem.isOutcomeUnknown && !this.isInHandshake;
        this.isInHandshake ||= isNews;
        return !isNews;
      }
      case 'disconnected':
        return false;
      default:
        return !isPassing(problem) && problem.code !== 'internal';
    }
  }

  /** From now on this connection gets a fresh token each time before the last one ends. */
  renewOn(connection: Connection, token: string): void {
    clearTimeout(this.#renewal);
    this.#renewed = connection;
    const inMs = this.#settings.isFixed ? null : renewInMs(token);
    if (inMs !== null) this.#renewal = setTimeout(() => void this.#renew(connection), inMs);
  }

  stopRenewing(): void {
    clearTimeout(this.#renewal);
    this.#renewed = null;
  }

  /** A fresh token on the open socket; where that fails the server ends it when the old one is over. */
  async #renew(connection: Connection): Promise<void> {
    try {
      const token = await this.#settings.token?.({ isRefused: false });
      if (token === undefined || this.#renewed !== connection) return;
      await connection.request('hello', { token });
      if (this.#renewed === connection) this.renewOn(connection, token);
    } catch {
      // The next connection asks for a token again, and says what is wrong with it.
    }
  }
}
