/** Follows conversations over the link: opens them, and resumes them with their cursors on each new socket. */
import { bounds } from '../bounds.ts';
import { isPassing, ParleyProblem, type ProblemFields, problemOf } from '../problem.ts';
import type { Connection, Reply } from '../socket/connection.ts';
import type { Link } from '../socket/link.ts';
import type { Cursor, Opened, Pulse, ServerFrame } from '../wire.ts';
import type { Wishes } from './feed.ts';
import { listSince } from './membership.ts';
import { canonical, cursorAt, cursorFault, parseCursor } from './place.ts';
import { type EventPage, type FeedSource, ReaderFeed } from './reader-feed.ts';
import { type Spot, Spots } from './spots.ts';

export class Hub implements FeedSource {
  readonly #link: Link;
  readonly #spots = new Spots(() => this.principal);
  readonly #asking = new Set<Spot>();
  #isLearned = false;
  #isOver = false;

  constructor(link: Link) {
    this.#link = link;
  }

  get principal(): string {
    return this.#link.principal?.id ?? '';
  }

  /** Every conversation that the principal is in. Without cursors from now on. */
  follow(wishes: Wishes, cursors?: Readonly<Record<string, Cursor>>): ReaderFeed {
    const feed = new ReaderFeed(this, wishes);
    const fault = Object.values(cursors ?? {})
      .map(cursorFault)
      .find((one) => one !== null);
    if (this.#isOver || fault !== undefined) return this.#refuse(feed, fault);
    this.#spots.all.add(feed);
    for (const [conversation, cursor] of Object.entries(cursors ?? {})) {
      const { epoch, position } = parseCursor(cursor);
      const spot = this.#spots.of(canonical(conversation));
      spot.isFollowed = true;
      spot.place.position ??= position;
      spot.place.epoch ??= epoch;
      feed.join(spot.place, position);
    }
    feed.knowsPast = cursors !== undefined;
    const { connection } = this.#link;
    if (this.#isLearned) {
      for (const spot of this.#spots.list()) if (spot.isFollowed) this.#spots.admit(spot, null);
      feed.live();
    } else if (connection !== null) void this.#resume(connection);
    return feed;
  }

  /** One conversation: after a cursor, or from now on. */
  events(conversation: string, after: Cursor | undefined, wishes: Wishes): ReaderFeed {
    const feed = new ReaderFeed(this, wishes);
    const fault = cursorFault(after);
    if (this.#isOver || fault !== null) return this.#refuse(feed, fault);
    const spot = this.#spots.of(conversation);
    spot.feeds.add(feed);
    spot.joiners.push({ feed, after });
    if (spot.place.position !== null && spot.place.epoch !== null) this.#spots.joinAll(spot);
    else if (this.#link.connection !== null) void this.#open(this.#link.connection, spot);
    return feed;
  }

  /** How a conversation is now. */
  async state(conversation: string, signal?: AbortSignal): Promise<Opened> {
    const reply = await this.#link.request('open', { conversation }, { isRepeatable: true, signal });
    // Asking is following on a socket that did not follow it: it ends again at once.
    const isFollowed = this.#spots.all.size > 0 || this.#spots.get(conversation) !== undefined;
    if (!isFollowed) this.#link.connection?.tell('close', { conversation });
    const { opened, refused } = openReply(reply);
    if (opened === undefined) throw refused ?? new ParleyProblem('not_found');
    return opened;
  }

  async page(conversation: string, after: number, limit: number, signal: AbortSignal): Promise<EventPage> {
    const fields = { conversation, after_position: after, limit };
    const how = { isRepeatable: true, retryMs: Number.POSITIVE_INFINITY, signal };
    return (await this.#link.request('history', fields, how)) as unknown as EventPage;
  }

  release(feed: ReaderFeed): void {
    const unread = this.#spots.release(feed);
    if (this.#spots.all.size === 0) this.#isLearned = false;
    for (let start = 0; start < unread.length; start += bounds.openedAtOnce)
      this.#link.connection?.tell('close', {
        conversations: unread.slice(start, start + bounds.openedAtOnce),
      });
  }

  /** A new socket: everything that was followed goes on after the last event of the one before. */
  onOpen(connection: Connection): void {
    void this.#resume(connection);
  }

  /** False for frames that are none of its business. */
  onPush(frame: ServerFrame, chars: number): boolean {
    if (frame.ev !== undefined) {
      const spot = this.#spots.event(frame.ev, chars);
      const isNews = spot?.isFollowed === true && spot.place.epoch === null && this.#isLearned;
      if (isNews) this.#learnOf(spot);
      if (spot?.doubtedAt === frame.ev.position) this.#doubt(spot);
    } else if (frame.delta !== undefined) {
      const gap = this.#spots.delta({ ...frame.delta, type: 'delta' });
      if (gap !== null) this.#learnOf(gap);
    } else if (frame.pulse !== undefined) this.#spots.pulse({ ...frame.pulse, type: 'pulse' } as Pulse);
    else if (frame.ok === false && frame.conversation !== undefined)
      this.#refused(frame.conversation, problemOf((frame.problem ?? {}) as ProblemFields));
    else return false;
    return true;
  }

  /** The client is closed: every feed ends, with the problem if there is one. */
  end(problem: ParleyProblem | null): void {
    this.#isOver = true;
    this.#endAll(problem);
  }

  #endAll(problem: ParleyProblem | null): void {
    const feeds = [...this.#spots.all, ...this.#spots.list().flatMap((spot) => [...spot.feeds])];
    for (const feed of feeds) feed.finish(problem);
  }

  /** A feed that is over before it begins: of a client that is closed, as all its feeds are, or for a fault. */
  #refuse(feed: ReaderFeed, fault: ParleyProblem | null | undefined): ReaderFeed {
    const { problem } = this.#link;
    feed.finish(fault ?? (problem?.code === 'closed' ? null : problem));
    return feed;
  }

  async #resume(connection: Connection): Promise<void> {
    const spots = this.#spots.list();
    const known = spots.filter(({ place }) => place.position !== null);
    const cursors = Object.fromEntries(
      known.map(({ place }) => [place.conversation, cursorAt(place.epoch, place.position ?? 0)]),
    );
    const isAll = this.#spots.all.size > 0;
    for (const { place } of known) place.grantedTo = null;
    try {
      const asked: Promise<unknown>[] = spots
        .filter(({ place }) => place.position === null)
        .map((spot) => this.#open(connection, spot));
      if (isAll || known.length > 0)
        asked.push(connection.request('hello', { ...(isAll ? { follow: 'all' } : {}), cursors }));
      await Promise.all(asked);
      if (isAll) await this.#learn(connection);
    } catch (error) {
      const retry = (): Promise<void> => this.#resume(connection);
      this.#again(connection, error, retry, (problem) => this.#endAll(problem));
    }
  }

  /** Lost: the next socket begins anew. Refused for now: once more. Refused for good: whoever reads is told. */
  #again(
    connection: Connection,
    error: unknown,
    retry: () => Promise<void>,
    giveUp: (problem: ParleyProblem) => void,
  ): void {
    if (this.#link.connection !== connection || !(error instanceof ParleyProblem)) return;
    if (error.code === 'disconnected') return;
    if (!isPassing(error)) return giveUp(error);
    setTimeout(
      () => {
        if (this.#link.connection === connection) void retry();
      },
      (error.retryAfterMs ?? 1_000) * (0.5 + Math.random()),
    );
  }

  /** Which conversations there are, where they end and of which epoch they are. */
  async #learn(connection: Connection): Promise<void> {
    const since = this.#isLearned ? this.#spots.heardAt : '';
    const strange = this.#spots.list().filter(({ isFollowed, place }) => isFollowed && place.epoch === null);
    const ids = new Set(strange.map(({ place }) => place.conversation));
    const at = await listSince(connection, since, (row) => {
      this.#spots.heard(row.updated_at);
      if (this.#spots.get(row.id)?.isFollowed !== true) ids.add(row.id);
    });
    this.#spots.heard(at);
    const unknown = [...ids];
    for (let start = 0; start < unknown.length; start += bounds.openedAtOnce) {
      const conversations = unknown.slice(start, start + bounds.openedAtOnce);
      await connection.request('open', { conversations }, (reply) => {
        for (const opened of openedOf(reply)) this.#learned(opened);
      });
    }
    this.#isLearned = true;
    for (const feed of this.#spots.all) feed.live();
  }

  #learned(opened: Opened): void {
    const spot = this.#spots.of(opened.id);
    this.#spots.describe(spot, opened, undefined);
    spot.isFollowed = true;
    this.#spots.admit(spot, null);
    this.#spots.joinAll(spot);
  }

  /** Opens a place, or learns of one that is open already which epoch it has. */
  async #open(connection: Connection, spot: Spot): Promise<void> {
    // Where all are followed the server has it open, or soon will, and replays nothing: the log is read instead.
    const isReplayed = spot.place.position === null && this.#spots.all.size === 0;
    const after = isReplayed ? spot.joiners[0]?.after : undefined;
    await this.#ask(connection, spot, after, (opened) => {
      this.#spots.describe(spot, opened, after);
      this.#spots.joinAll(spot);
    });
  }

  /** Of a place that is open: its epoch, its drafts. Not asked again while that is on its way. */
  #learnOf(spot: Spot): void {
    const { connection } = this.#link;
    if (connection !== null && !this.#asking.has(spot)) void this.#open(connection, spot);
  }

  /** Removed, say events that came late: was it let in again since? If not, the answer is a refusal. */
  #doubt(spot: Spot): void {
    const { connection } = this.#link;
    if (connection === null) return;
    void this.#ask(connection, spot, undefined, (opened) => {
      if (opened.position >= (spot.doubtedAt ?? 0)) spot.doubtedAt = null;
      this.#spots.describe(spot, opened, undefined);
    });
  }

  /** With the place's own cursor: it was open before. */
  async #openAgain(connection: Connection, spot: Spot): Promise<void> {
    const { position, epoch } = spot.place;
    if (position === null) return await this.#open(connection, spot);
    await this.#ask(connection, spot, cursorAt(epoch, position), () => undefined);
  }

  /** Its log was made anew, or ends before the cursor: from its present end on. */
  async #startOver(connection: Connection, spot: Spot): Promise<void> {
    await this.#ask(connection, spot, undefined, (opened) => {
      this.#spots.describe(spot, opened, undefined);
      const present = spot.place.position ?? 0;
      const joining = spot.joiners.splice(0).map(({ feed }) => feed);
      for (const feed of new Set([...this.#spots.readersOf(spot), ...joining])) {
        feed.reset(spot.place, 'cursor_expired', present);
        if (joining.includes(feed)) feed.live();
      }
    });
  }

  /** `take` runs in the turn of the reply: before the events that follow it. */
  async #ask(
    connection: Connection,
    spot: Spot,
    after: Cursor | undefined,
    take: (opened: Opened) => void,
  ): Promise<void> {
    const { conversation } = spot.place;
    this.#asking.add(spot);
    try {
      await connection.request(
        'open',
        { conversation, ...(after === undefined ? {} : { after }) },
        (reply) => {
          const { opened, refused } = openReply(reply);
          if (this.#spots.get(conversation) !== spot) return;
          if (refused !== undefined) this.#refused(conversation, refused);
          else if (opened !== undefined) take(opened);
        },
      );
    } catch (error) {
      const retry = (): Promise<void> => this.#ask(connection, spot, after, take);
      this.#again(connection, error, retry, (problem) => this.#spots.gone(spot, problem));
    } finally {
      this.#asking.delete(spot);
    }
  }

  /** A place that could not be opened or resumed. */
  #refused(conversation: string, problem: ParleyProblem): void {
    const spot = this.#spots.get(conversation);
    const { connection } = this.#link;
    if (spot === undefined || connection === null) return;
    const { place } = spot;
    if (problem.code === 'cursor_expired') {
      place.position = null;
      place.epoch = null;
      place.drafts.clear();
      void this.#startOver(connection, spot);
    } else {
      const retry = (): Promise<void> => this.#openAgain(connection, spot);
      this.#again(connection, problem, retry, () => {
        if (spot.doubtedAt !== null) this.#spots.leave(spot);
        else this.#spots.gone(spot, problem);
      });
    }
  }
}

const openedOf = (reply: Reply): readonly Opened[] => (reply['conversations'] ?? []) as readonly Opened[];

/** Of an `open` that names one conversation. */
function openReply(reply: Reply): {
  readonly opened: Opened | undefined;
  readonly refused: ParleyProblem | undefined;
} {
  const [opened] = openedOf(reply);
  const [refused] = (reply['refused'] ?? []) as readonly { readonly code: string }[];
  return { opened, refused: refused === undefined ? undefined : problemOf(refused) };
}
