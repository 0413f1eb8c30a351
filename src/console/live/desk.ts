/**
 * What somebody has in front of them who is signed in: one connection, the list of conversations, who is who, and the
 * conversation that is open. Views read its signals; it tells nothing by itself.
 */
import { signal } from '@preact/signals';
import { type ClientState, connect, type ParleyClient, ParleyProblem } from '../../client/index.ts';
import { type Account, readAccount } from '../session/account.ts';
import { openRequests, type Requests, sentenceOf } from '../session/requests.ts';
import { Directory } from './directory.ts';
import { ListFeed } from './list-feed.ts';
import { type Summaries, type SummaryRow, withRead, withRows } from './summaries.ts';
import { Talk } from './talk.ts';
import type { Unsent } from './unsent.ts';

/** Rows that are asked for at once. */
const pageMax = 100;
const retryMs = 3_000;

/** What another attempt would only meet again. */
const isFinal: ReadonlySet<string> = new Set(['unauthenticated', 'suspended']);

interface SummaryPage {
  readonly conversations: readonly SummaryRow[];
  readonly next_cursor: string | null;
}

export class Desk {
  readonly account: Account;
  readonly requests: Requests;
  readonly unsent: Unsent;
  readonly directory: Directory;
  readonly link = signal<ClientState>('connecting');
  readonly summaries = signal<Summaries>(new Map());
  /** Conversations in which a message is being written, token by token. */
  readonly streaming = signal<ReadonlySet<string>>(new Set());
  readonly isLoading = signal(true);
  readonly listProblem = signal<string | null>(null);
  readonly hasMore = signal(false);
  /** The conversation that is looked at; null: none, or not connected yet. */
  readonly talk = signal<Talk | null>(null);
  readonly #onSignedOut: (reason: string) => void;
  readonly #ending = new AbortController();
  readonly #feed: ListFeed;
  #client: ParleyClient | null = null;
  /** What is looked at, as soon as there is a connection. */
  #wanted: { readonly id: string; readonly seq: number | null } | null = null;
  #nextCursor: string | null = null;
  #isLooking = false;

  /** `onSignedOut`: the credential does not count any more; with a sentence. */
  constructor(account: Account, unsent: Unsent, onSignedOut: (reason: string) => void) {
    this.account = account;
    this.unsent = unsent;
    this.#onSignedOut = onSignedOut;
    this.requests = openRequests(account.credential, () => this.#signedOut());
    this.directory = new Directory(this.requests, account);
    this.#feed = new ListFeed(this);
  }

  /** Connects, follows and loads; goes on until close(). */
  async start(): Promise<void> {
    const client = await this.#connected();
    if (client === null) return;
    this.#client = client;
    client.onState(({ state, problem }) => {
      this.link.value = state;
      if (state === 'waiting') void this.#lookWhetherSignedIn();
      if (state === 'closed' && problem !== null) this.#refused(problem);
    });
    this.link.value = client.state;
    this.#feed.begin(client);
    if (this.#wanted !== null) this.look(this.#wanted.id, this.#wanted.seq);
    await this.load();
  }

  close(): void {
    this.#ending.abort();
    this.talk.value?.close();
    this.#client?.close();
  }

  /** Reads the first page of the list, and who is who. */
  async load(): Promise<void> {
    this.isLoading.value = true;
    try {
      await Promise.all([this.#loadPage(null), this.directory.load()]);
      this.listProblem.value = null;
    } catch (error) {
      if (this.summaries.value.size === 0) this.listProblem.value = sentenceOf(error);
    } finally {
      this.isLoading.value = false;
    }
  }

  async loadMore(): Promise<void> {
    try {
      await this.#loadPage(this.#nextCursor);
    } catch (error) {
      this.listProblem.value = sentenceOf(error);
    }
  }

  /** Opens a conversation (null: none) at the line of a seq (null: at its end), and closes the one that was open. */
  look(id: string | null, seq: number | null): void {
    this.#wanted = id === null ? null : { id, seq };
    const open = this.talk.value;
    if (open !== null && open.id === id) {
      if (seq !== null) open.goTo(seq);
      return;
    }
    open?.close();
    const client = this.#client;
    this.talk.value = id === null || client === null ? null : new Talk(this, client.conversation(id));
    void this.talk.value?.start(seq);
  }

  /** Makes a conversation, and answers its id. Without a name and with one other it is that of the two. */
  async create(name: string, participants: readonly string[]): Promise<string> {
    const isPair = name === '' && participants.length === 1;
    const { id } = await this.requests.send<SummaryRow>('POST', '/v1/chat/conversations', {
      participant_ids: participants,
      ...(isPair ? {} : { type: this.#groupType(participants), name: name === '' ? 'Untitled' : name }),
    });
    await this.load();
    return id;
  }

  /** Names a conversation; its event tells everybody. Rejects with a RequestProblem. */
  async rename(conversation: string, name: string): Promise<void> {
    await this.requests.send('PATCH', pathOf(conversation), { name });
  }

  /** Ends it for everybody. Rejects with a RequestProblem. */
  async delete(conversation: string): Promise<void> {
    await this.requests.send('DELETE', pathOf(conversation), { mode: 'for_everyone' });
  }

  hasRead(conversation: string, seq: number, unread: number): void {
    this.summaries.value = withRead(this.summaries.value, conversation, seq, unread);
  }

  #groupType(participants: readonly string[]): 'group' | 'agent_group' {
    const people = this.directory.people.value;
    return participants.some((id) => people.get(id)?.isAgent === true) ? 'agent_group' : 'group';
  }

  async #loadPage(cursor: string | null): Promise<void> {
    const from = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/v1/chat/conversations?limit=${pageMax}${from}`;
    const page = await this.requests.send<SummaryPage>('GET', path);
    this.summaries.value = withRows(this.summaries.value, page.conversations);
    this.#feed.takeEarly();
    // The first page is read again and again; where the list goes on is known from the last one.
    if (cursor !== null || this.#nextCursor === null) this.#nextCursor = page.next_cursor;
    this.hasMore.value = this.#nextCursor !== null;
  }

  /** Null: closed meanwhile, or not let in. */
  async #connected(): Promise<ParleyClient | null> {
    const { credential } = this.account;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        return await connect({ ...(credential.kind === 'key' ? { apiKey: credential.key } : {}), signal });
      } catch (error) {
        if (signal.aborted) return null;
        if (error instanceof ParleyProblem && isFinal.has(error.code)) {
          this.#refused(error);
          return null;
        }
        this.link.value = 'waiting';
        await this.#lookWhetherSignedIn();
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    return null;
  }

  /** A browser is not told why a socket was refused: so it is asked whether the session still counts. */
  async #lookWhetherSignedIn(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      if ((await readAccount(this.account.credential)) === null) this.#signedOut();
    } catch {
      // No answer: the server is away, which the sign of the link tells already.
    } finally {
      this.#isLooking = false;
    }
  }

  /** The socket was closed for good. */
  #refused({ code, message }: ParleyProblem): void {
    if (code === 'unauthenticated') this.#signedOut();
    else this.#leave(message);
  }

  #signedOut(): void {
    this.#leave(
      this.account.credential.kind === 'key' ? 'The key does not count any more.' : 'Your session ended.',
    );
  }

  #leave(reason: string): void {
    if (this.#ending.signal.aborted) return;
    this.close();
    this.#onSignedOut(reason);
  }
}

function pathOf(conversation: string): string {
  return `/v1/chat/conversations/${encodeURIComponent(conversation)}`;
}
