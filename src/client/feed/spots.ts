/** The conversations that a client follows, each with its place and those who read there. */
import { ParleyProblem } from '../problem.ts';
import type { Cursor, Delta, Event, Opened, Pulse } from '../wire.ts';
import { tellDraft } from './drafts.ts';
import { bringsIn, newPlace, type Place, parseCursor, sendsAway } from './place.ts';
import type { ReaderFeed } from './reader-feed.ts';

interface Joiner {
  readonly feed: ReaderFeed;
  readonly after: Cursor | undefined;
}

/** A place with those who read there. */
export interface Spot {
  readonly place: Place;
  /** Feeds of this conversation alone. */
  readonly feeds: Set<ReaderFeed>;
  /** Feeds that begin as soon as the place is open. */
  readonly joiners: Joiner[];
  /** One that the principal takes part in: told to those who follow all. */
  isFollowed: boolean;
  /** Position of an event by which the principal was removed, which may be no longer so: the server is asked. */
  doubtedAt: number | null;
}

export class Spots {
  /** Feeds of those who follow all. */
  readonly all = new Set<ReaderFeed>();
  /** The server's time of the newest news: what the principal was added to later is found in the list. */
  heardAt = '';
  readonly #spots = new Map<string, Spot>();
  readonly #principal: () => string;

  constructor(principal: () => string) {
    this.#principal = principal;
  }

  get(conversation: string): Spot | undefined {
    return this.#spots.get(conversation);
  }

  /** The spot, made when there is none. */
  of(conversation: string): Spot {
    let spot = this.#spots.get(conversation);
    if (spot === undefined) {
      spot = {
        place: newPlace(conversation),
        feeds: new Set(),
        joiners: [],
        isFollowed: false,
        doubtedAt: null,
      };
      this.#spots.set(conversation, spot);
    }
    return spot;
  }

  list(): Spot[] {
    return [...this.#spots.values()];
  }

  readersOf({ feeds, isFollowed }: Spot): readonly ReaderFeed[] {
    return isFollowed ? [...this.all, ...feeds] : [...feeds];
  }

  heard(at: string): void {
    if (at > this.heardAt) this.heardAt = at;
  }

  /** What the server says of a place that it opened, `after` a cursor or at its present end. */
  describe({ place }: Spot, opened: Opened, after: Cursor | undefined): void {
    place.epoch = opened.epoch;
    place.grantedTo = opened.position;
    place.position ??= after === undefined ? opened.position : parseCursor(after).position;
    for (const draft of opened.drafts)
      this.delta({ ...draft, type: 'delta', conversation: place.conversation });
  }

  /** Those who follow all begin here: from now on, or from when the principal came in. */
  admit({ place }: Spot, event: Event | null): void {
    for (const feed of this.all) {
      if (feed.has(place.conversation)) continue;
      if (event !== null && bringsIn(event, this.#principal())) feed.join(place, event.position - 1);
      else if (feed.knowsPast) feed.join(place, 0, true);
      else feed.join(place, place.position ?? 0);
    }
  }

  /** Those who waited for the place begin, each after its own cursor. */
  joinAll({ place, joiners }: Spot): void {
    const present = place.position ?? 0;
    for (const { feed, after } of joiners.splice(0)) {
      const { epoch, position } =
        after === undefined ? { epoch: null, position: present } : parseCursor(after);
      if (epoch !== null && place.epoch !== null && epoch !== place.epoch)
        feed.reset(place, 'cursor_expired', present);
      else feed.join(place, position);
      feed.live();
    }
  }

  /** An event of the socket; answers its spot when it is told to anybody. */
  event(event: Event, chars: number): Spot | null {
    const { conversation, position } = event;
    const known = this.#spots.get(conversation);
    // Nobody asked for it by name: it is one that the principal is in.
    if (known === undefined && this.all.size === 0) return null;
    const spot = known ?? this.of(conversation);
    if (this.all.size > 0 && (known === undefined || bringsIn(event, this.#principal())))
      spot.isFollowed = true;
    const { place } = spot;
    place.position ??= position - 1;
    if (position <= place.position) return null;
    if (spot.isFollowed) this.admit(spot, event);
    place.position = position;
    this.heard(event.at);
    if (event.type === 'message.posted') place.drafts.delete(event.data.message_id);
    for (const feed of this.readersOf(spot)) feed.event(event, chars);
    if (sendsAway(event, this.#principal(), place)) {
      if (place.grantedTo === null && event.type !== 'conversation.deleted') spot.doubtedAt = position;
      else this.leave(spot);
    }
    return spot;
  }

  /** Answers the spot when pieces before this one are missing. */
  delta(delta: Delta): Spot | null {
    const spot = this.#spots.get(delta.conversation);
    if (spot === undefined) return null;
    const told = tellDraft(spot.place.drafts, delta);
    if (told === 'gap') return spot;
    if (told === null) return null;
    for (const feed of this.readersOf(spot)) if (feed.wishes.deltas === true) feed.delta(told);
    return null;
  }

  pulse(pulse: Pulse): void {
    const spot = this.#spots.get(pulse.conversation);
    if (spot === undefined) return;
    for (const feed of this.readersOf(spot)) if (feed.wishes.pulses === true) feed.pulse(pulse);
  }

  /** It cannot be followed: whoever reads there is told. */
  gone({ place, feeds }: Spot, problem: ParleyProblem): void {
    for (const feed of this.all) if (feed.has(place.conversation)) feed.reset(place, 'not_found', null);
    for (const feed of [...feeds]) feed.finish(problem);
    this.#spots.delete(place.conversation);
  }

  /** The feed reads no more. Answers the conversations that nobody reads now; they are forgotten. */
  release(feed: ReaderFeed): string[] {
    const isAll = this.all.delete(feed);
    if (isAll && this.all.size > 0) return [];
    const left = this.list().filter((spot) => spot.feeds.delete(feed) || (isAll && spot.isFollowed));
    const unread = left.filter((spot) => spot.feeds.size === 0 && !(spot.isFollowed && this.all.size > 0));
    const ids = unread.map(({ place }) => place.conversation);
    for (const id of ids) this.#spots.delete(id);
    return ids;
  }

  /** The principal may not read it any more: nothing follows. */
  leave(spot: Spot): void {
    const { conversation } = spot.place;
    // What a slow reader has not read yet, it may not read any more.
    const lost = new ParleyProblem('not_found', 'One was removed before all was read.');
    for (const feed of this.all) {
      if (feed.isBehind(conversation)) feed.reset(spot.place, 'not_found', null);
      else feed.leave(conversation);
    }
    for (const feed of [...spot.feeds]) feed.finish(feed.isBehind(conversation) ? lost : null);
    this.#spots.delete(conversation);
  }
}
