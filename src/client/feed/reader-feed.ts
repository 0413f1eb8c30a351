/**
 * What one reader iterates over. Live events are queued as they come. When the queue is full, or an event does not
 * follow the one before, the reader is behind in that conversation: it then gets what is missing from the log, page
 * by page as it has room, until it has caught up with the socket. So a slow reader loses nothing, holds up nobody
 * and needs a bounded memory.
 */
import { bounds } from '../bounds.ts';
import { pause } from '../pause.ts';
import { ParleyProblem } from '../problem.ts';
import type { Cursor, Delta, Event, Pulse, Reset } from '../wire.ts';
import type { Feed, FeedItem, Wishes } from './feed.ts';
import { bringsIn, cursorAt, type Place } from './place.ts';
import { FeedQueue } from './queue.ts';

export interface EventPage {
  readonly events: readonly Event[];
  readonly has_more: boolean;
}

/** What a feed needs of the one who feeds it. */
export interface FeedSource {
  readonly principal: string;
  /** Raw events after a position. Waits for a connection; rejects with the server's problem. */
  page(conversation: string, after: number, limit: number, signal: AbortSignal): Promise<EventPage>;
  release(feed: ReaderFeed): void;
}

/** One reader in one conversation. */
interface Standing {
  readonly place: Place;
  /** Position of the last event that was queued. */
  taken: number;
  /** …and of the last that was handed out. */
  told: number;
  /** Everything up to the event that brought the principal in is passed over. */
  isComing: boolean;
}

/** An item, and whom it moves on when it is handed out. */
interface Queued {
  readonly item: FeedItem;
  readonly standing: Standing | null;
}

interface Waiter {
  readonly resolve: (result: IteratorResult<FeedItem, undefined>) => void;
  readonly reject: (error: ParleyProblem) => void;
}

export class ReaderFeed implements Feed<FeedItem> {
  readonly ready: Promise<void>;
  readonly wishes: Wishes;
  /** False until it has seen once which conversations there are: later ones are told from the beginning. */
  knowsPast = false;
  readonly #source: FeedSource;
  readonly #queue = new FeedQueue<Queued>();
  readonly #standings = new Map<string, Standing>();
  readonly #behind = new Set<Standing>();
  /** Conversations that were left, with the position up to which they were told. */
  readonly #left = new Map<string, number>();
  readonly #waiters: Waiter[] = [];
  readonly #ending = new AbortController();
  #isReading = false;
  #isOver = false;
  #problem: ParleyProblem | null = null;
  #becomeReady: () => void = () => undefined;
  #failReady: (problem: ParleyProblem) => void = () => undefined;

  constructor(source: FeedSource, wishes: Wishes) {
    this.#source = source;
    this.wishes = wishes;
    this.ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve;
      this.#failReady = reject;
    });
    this.ready.catch(() => undefined);
  }

  // the reader's side

  next(): Promise<IteratorResult<FeedItem, undefined>> {
    const queued = this.#queue.shift();
    if (queued !== undefined) {
      if (this.#behind.size > 0 && this.#queue.length <= bounds.feedItemsMax / 2) this.#readOn();
      return Promise.resolve({ value: this.#handOut(queued), done: false });
    }
    const problem = this.#problem;
    this.#problem = null;
    if (problem !== null) return Promise.reject(problem);
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<FeedItem, undefined>> {
    this.#queue.clear();
    this.#standings.clear();
    this.finish();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  cursor(conversation: string): Cursor | null {
    const standing = this.#standings.get(conversation);
    return standing === undefined ? null : cursorAt(standing.place.epoch, standing.told);
  }

  cursors(): Record<string, Cursor> {
    const all = [...this.#standings.values()];
    return Object.fromEntries(
      all
        .filter(({ isComing }) => !isComing)
        .map(({ place, told }) => [place.conversation, cursorAt(place.epoch, told)]),
    );
  }

  // the side of the one who feeds it

  has(conversation: string): boolean {
    return this.#standings.has(conversation);
  }

  /** Is there something in the log that it has not read yet? */
  isBehind(conversation: string): boolean {
    const standing = this.#standings.get(conversation);
    return standing !== undefined && this.#behind.has(standing);
  }

  /** Begins after `position`. `isComing`: after the event that brought the principal in, wherever that is. */
  join(place: Place, position: number, isComing = false): void {
    if (this.#isOver || this.#standings.has(place.conversation)) return;
    // Removed and added again while nobody looked: what was told before is not told twice.
    const from = isComing ? Math.max(position, this.#left.get(place.conversation) ?? 0) : position;
    const standing = { place, taken: from, told: from, isComing };
    this.#standings.set(place.conversation, standing);
    if (this.wishes.deltas === true)
      for (const draft of place.drafts.values())
        this.delta({ type: 'delta', conversation: place.conversation, ...draft });
    if (from < (place.position ?? 0)) this.#fallBehind(standing);
  }

  event(event: Event, chars: number): void {
    const standing = this.#standings.get(event.conversation);
    if (standing === undefined || event.position <= standing.taken) return;
    const isNext = event.position === standing.taken + 1;
    if (!isNext || this.#behind.has(standing) || this.#queue.room === 0) this.#fallBehind(standing);
    else this.#take(standing, event, chars);
  }

  /** Pieces that wait are joined: at most one for each message, whatever the reader does. */
  delta(delta: Delta): void {
    if (!this.#standings.has(delta.conversation)) return;
    const isSame = ({ item }: Queued): boolean =>
      item.type === 'delta' && item.message_id === delta.message_id;
    const join = ({ item }: Queued): Queued => ({
      item: item.type === 'delta' ? { ...item, index: delta.index, text: item.text + delta.text } : item,
      standing: null,
    });
    if (!this.#queue.replace(isSame, join, delta.text.length)) this.#push(delta, delta.text.length);
  }

  /** Volatile: dropped when the reader has enough to do. */
  pulse(pulse: Pulse): void {
    const isKnown = this.#standings.has(pulse.conversation);
    if (isKnown && this.#queue.room > bounds.feedItemsMax / 2) this.#push(pulse, 100);
  }

  /** `position`: where it goes on; null when it does not. */
  reset(place: Place, reason: Reset['reason'], position: number | null): void {
    const { conversation } = place;
    const standing = this.#standings.get(conversation);
    if (standing !== undefined) this.#behind.delete(standing);
    this.#standings.delete(conversation);
    const cursor = position === null ? null : String(cursorAt(place.epoch, position));
    this.#push({ type: 'reset', conversation, reason, cursor }, 100);
    if (position !== null)
      this.#standings.set(conversation, { place, taken: position, told: position, isComing: false });
  }

  /** No more of this conversation; what is queued is still told. */
  leave(conversation: string): void {
    const standing = this.#standings.get(conversation);
    if (standing === undefined) return;
    this.#behind.delete(standing);
    this.#standings.delete(conversation);
    this.#left.delete(conversation);
    this.#left.set(conversation, standing.taken);
    const oldest = this.#left.size > bounds.leftConversationsMax ? this.#left.keys().next().value : undefined;
    if (oldest !== undefined) this.#left.delete(oldest);
  }

  live(): void {
    this.knowsPast = true;
    this.#becomeReady();
  }

  /** Ends when what is queued has been told; with a problem the last step throws it. */
  finish(problem: ParleyProblem | null = null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#behind.clear();
    this.#ending.abort();
    this.#source.release(this);
    this.#failReady(problem ?? new ParleyProblem('closed', 'The feed was ended.'));
    const [first, ...others] = this.#waiters.splice(0);
    if (problem !== null && first !== undefined) first.reject(problem);
    else {
      this.#problem = problem;
      first?.resolve({ value: undefined, done: true });
    }
    for (const { resolve } of others) resolve({ value: undefined, done: true });
  }

  #take(standing: Standing, event: Event, chars: number): void {
    standing.taken = event.position;
    if (standing.isComing) {
      if (!bringsIn(event, this.#source.principal)) {
        standing.told = event.position;
        return;
      }
      standing.isComing = false;
    }
    this.#push(event, chars, standing);
  }

  #push(item: FeedItem, chars: number, standing: Standing | null = null): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#queue.push({ item, standing }, chars);
    else waiter.resolve({ value: this.#handOut({ item, standing }), done: false });
  }

  #handOut({ item, standing }: Queued): FeedItem {
    if (standing !== null && 'position' in item) standing.told = item.position;
    return item;
  }

  #fallBehind(standing: Standing): void {
    this.#behind.add(standing);
    this.#readOn();
  }

  #readOn(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#catchUp()
      .catch((error: unknown) => {
        if (!this.#isOver)
          this.finish(error instanceof ParleyProblem ? error : new ParleyProblem('internal', String(error)));
      })
      .finally(() => {
        this.#isReading = false;
        // Somebody may have fallen behind while the last step was ending.
        if (this.#behind.size > 0 && this.#queue.room > 0 && !this.#isOver) this.#readOn();
      });
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const [standing] = this.#behind;
      if (standing === undefined || this.#isOver || this.#queue.room === 0) return;
      const { conversation } = standing.place;
      const limit = Math.min(bounds.pageMax, this.#queue.room);
      try {
        const before = standing.taken;
        const page = await this.#source.page(conversation, before, limit, this.#ending.signal);
        this.#takePage(standing, page);
        if (standing.taken === before && this.#behind.has(standing))
          await pause(bounds.pauseMsMin, this.#ending.signal);
      } catch (error) {
        if (!(error instanceof ParleyProblem && error.code === 'not_found')) throw error;
        this.reset(standing.place, 'not_found', null);
      }
    }
  }

  #takePage(standing: Standing, page: EventPage): void {
    // A reset may have come while the page was on its way.
    if (!this.#behind.has(standing)) return;
    for (const event of page.events) {
      if (event.position !== standing.taken + 1 || this.#queue.room === 0) break;
      this.#take(standing, event, JSON.stringify(event).length);
    }
    if (!page.has_more && standing.taken >= (standing.place.position ?? 0)) this.#behind.delete(standing);
  }
}
