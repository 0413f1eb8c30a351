/**
 * What somebody wrote and the server does not have: kept while they look elsewhere, and when their session ends under
 * their hands. In the memory of the page only, and of one person: whoever signs in as somebody else finds none of it.
 */

/** A message of one's own that the server has not acknowledged yet. */
export interface Pending {
  readonly clientId: string;
  readonly content: string;
  readonly replyTo: string | null;
  /** Why it was not sent; null: it is being sent, over as many connections as it takes. */
  readonly problem: string | null;
}

/** Of one conversation. */
export interface Written {
  /** In the box at its end. */
  text: string;
  /** The message that it replies to. */
  replyTo: string | null;
  /** The message that is being changed. */
  editing: string | null;
  /** What a message is being changed to; null: nothing was typed yet. */
  edited: { readonly message: string; readonly text: string } | null;
  /** Messages that could not be sent. */
  failed: readonly Pending[];
}

/** More than one leaves half written; what lies longest goes first. */
const conversationsMax = 100;

export class Unsent {
  /** Whose it is. */
  readonly account: string;
  readonly #written = new Map<string, Written>();

  constructor(account: string) {
    this.account = account;
  }

  /** Changed by those who show it. */
  of(conversation: string): Written {
    const written = this.#written.get(conversation) ?? nothing();
    this.#written.delete(conversation);
    this.#written.set(conversation, written);
    const [oldest] = this.#written.keys();
    if (oldest !== undefined && this.#written.size > conversationsMax) this.#written.delete(oldest);
    return written;
  }

  get isEmpty(): boolean {
    return [...this.#written.values()].every(
      ({ text, editing, failed }) => text.trim() === '' && editing === null && failed.length === 0,
    );
  }
}

function nothing(): Written {
  return { text: '', replyTo: null, editing: null, edited: null, failed: [] };
}
