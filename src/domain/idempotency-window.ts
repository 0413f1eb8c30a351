/**
 * The last 4,096 messages of a conversation by (sender, client_id) and by message_id: a retried send
 * finds its first event here, so the hot path asks no database.
 *
 * One conversation has one timeline, therefore one window object is shared by the successive states
 * of that timeline: an entry carries its position, a state sees only entries up to its own position,
 * and folding an event drops what a failed attempt had put after the state it is folded onto. So
 * evolve() stays a function of its arguments without copying 4,096 entries for each message, as long
 * as nobody folds onto a state that is older than the timeline's present one for another purpose.
 */
import { type EventId, type MessageId, type PrincipalId, uuidv7TimeMs } from './ids.ts';
import { limits } from './limits.ts';
import type { Micros } from './time.ts';

/** What a retried post is answered with, and what tells whether it is the same post. */
export interface PostedEntry {
  readonly position: number;
  readonly seq: number;
  readonly at: Micros;
  readonly eventId: EventId;
  readonly messageId: MessageId;
  readonly sender: PrincipalId;
  readonly clientId: string | null;
  /** hashContent() of what was posted first; null when that cannot be read (any more). */
  readonly hash: number | null;
  readonly interrupted: boolean;
}

/** A sender's clock may run ahead of ours by a little; a minute is generous. */
export const clockSkewMs = 60_000;

export class IdempotencyWindow {
  /** sender -> client_id: one key of both would be a string made, hashed and kept for each message. */
  readonly #byClient = new Map<PrincipalId, Map<string, PostedEntry>>();
  readonly #byMessage = new Map<string, PostedEntry>();
  /** Ring in position order; #start is the oldest entry that still counts. */
  #entries: PostedEntry[] = [];
  #start = 0;
  /** True while every message since position 1 is inside: then nothing older can exist. */
  #isWhole: boolean;

  /**
   * The latest times inside the UUIDv7s that entries before the window may carry: an id that was made
   * later cannot be one of theirs. Grows with what turns over; what was never seen here (a window that
   * was loaded) is taken to be made at most clockSkewMs after the oldest entry that was loaded.
   */
  #latestClientMs = Number.NEGATIVE_INFINITY;
  #latestMessageMs = Number.NEGATIVE_INFINITY;

  /** Set in a fork: what lies before the forked commands. */
  readonly #base: IdempotencyWindow | null;

  constructor(isWhole: boolean, base: IdempotencyWindow | null = null) {
    this.#isWhole = isWhole;
    this.#base = base;
  }

  /**
   * A window for commands that are decided one after another before any of them is stored: it sees
   * everything of this one, and what is added to it never reaches this one.
   */
  fork(): IdempotencyWindow {
    return new IdempotencyWindow(this.#isWhole, this);
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** False when a client_id that was made at `madeMs` cannot belong to a message before the window. */
  mayHoldClientIdBefore(madeMs: number): boolean {
    return this.#base?.mayHoldClientIdBefore(madeMs) ?? (!this.#isWhole && madeMs <= this.#latestClientMs);
  }

  /** The same for message ids. */
  mayHoldMessageIdBefore(madeMs: number): boolean {
    return this.#base?.mayHoldMessageIdBefore(madeMs) ?? (!this.#isWhole && madeMs <= this.#latestMessageMs);
  }

  get size(): number {
    return this.#entries.length - this.#start + (this.#base?.size ?? 0);
  }

  /** The oldest entry, or null when empty: what lies before it must be looked up in the projection. */
  get oldest(): PostedEntry | null {
    return this.#base?.oldest ?? this.#entries[this.#start] ?? null;
  }

  /** Every entry of a window that is no fork, oldest first. */
  get entries(): readonly PostedEntry[] {
    return this.#entries.slice(this.#start);
  }

  /** The first event of this sender with this client_id, as a state at `position` knows it. */
  byClientId(sender: PrincipalId, clientId: string, position: number): PostedEntry | null {
    const own = upTo(this.#byClient.get(sender)?.get(clientId), position);
    return own ?? this.#base?.byClientId(sender, clientId, position) ?? null;
  }

  /** The message with this id, as a state at `position` knows it. */
  byMessageId(messageId: MessageId, position: number): PostedEntry | null {
    const own = upTo(this.#byMessage.get(messageId), position);
    return own ?? this.#base?.byMessageId(messageId, position) ?? null;
  }

  /**
   * Drops what lies after `position`. Folding any event onto a state does it first: what a failed
   * attempt had put there never happened, whatever kind of event took its place.
   */
  forgetAfter(position: number): void {
    for (
      let last = this.#entries.at(-1);
      last !== undefined && last.position > position;
      last = this.#entries.at(-1)
    ) {
      if (this.#entries.length <= this.#start) return;
      this.#entries.pop();
      this.#unindex(last);
    }
  }

  /**
   * Adds the entry of a message that a fold from the log could not see, because it was erased.
   * Nothing changes when it is known already or lies before the window.
   */
  addErased(entry: PostedEntry): void {
    if (this.#byMessage.has(entry.messageId)) return;
    const oldest = this.oldest;
    if (!this.#isWhole && (oldest === null || entry.position < oldest.position)) return;
    let at = this.#entries.length;
    while (at > this.#start && (this.#entries[at - 1]?.position ?? 0) > entry.position) at -= 1;
    this.#entries.splice(at, 0, entry);
    this.#index(entry);
    if (this.#entries.length - this.#start > limits.idempotencyWindowMax) this.#forgetOldest();
  }

  /** Adds the entry of a newly folded message; entries at its position or later are forgotten. */
  add(entry: PostedEntry): void {
    this.forgetAfter(entry.position - 1);
    if (!this.#isWhole && this.#entries.length === 0) this.#assumeBefore(entry);
    this.#entries.push(entry);
    this.#index(entry);
    if (this.#entries.length - this.#start > limits.idempotencyWindowMax) this.#forgetOldest();
  }

  /** Puts older entries (ascending, all before the present oldest) in front, after a lookup in the projection. */
  prepend(older: readonly PostedEntry[], isWhole: boolean): void {
    const present = this.#entries.slice(this.#start);
    const room = Math.max(0, limits.idempotencyWindowMax - present.length);
    const first = present[0]?.position ?? Number.MAX_SAFE_INTEGER;
    const before = older.filter((entry) => entry.position < first);
    const fitting = before.slice(before.length - Math.min(room, before.length));
    this.#isWhole = isWhole && fitting.length === before.length;
    this.#entries = [...fitting, ...present];
    this.#start = 0;
    const oldest = this.#entries[0];
    if (!this.#isWhole && oldest !== undefined) this.#assumeBefore(oldest);
    for (const entry of this.#entries) this.#index(entry);
  }

  #assumeBefore(oldest: PostedEntry): void {
    const latestMs = oldest.at / 1000 + clockSkewMs;
    this.#latestClientMs = Math.max(this.#latestClientMs, latestMs);
    this.#latestMessageMs = Math.max(this.#latestMessageMs, latestMs);
  }

  #index(entry: PostedEntry): void {
    const { sender, clientId } = entry;
    this.#byMessage.set(entry.messageId, entry);
    if (clientId === null) return;
    const ofSender = this.#byClient.get(sender);
    if (ofSender === undefined) this.#byClient.set(sender, new Map([[clientId, entry]]));
    else ofSender.set(clientId, entry);
  }

  #unindex(entry: PostedEntry): void {
    const { sender, clientId } = entry;
    const ofSender = clientId === null ? undefined : this.#byClient.get(sender);
    // The keys may belong to another entry by now.
    if (clientId !== null && ofSender?.get(clientId) === entry) ofSender.delete(clientId);
    if (ofSender?.size === 0) this.#byClient.delete(sender);
    if (this.#byMessage.get(entry.messageId) === entry) this.#byMessage.delete(entry.messageId);
  }

  #forgetOldest(): void {
    const entry = this.#entries[this.#start];
    if (entry !== undefined) {
      this.#unindex(entry);
      this.#latestClientMs = Math.max(this.#latestClientMs, uuidv7TimeMs(entry.clientId ?? '') ?? 0);
      this.#latestMessageMs = Math.max(this.#latestMessageMs, uuidv7TimeMs(entry.messageId) ?? 0);
    }
    this.#start += 1;
    this.#isWhole = false;
    if (this.#start >= 1024) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
  }
}

function upTo(entry: PostedEntry | undefined, position: number): PostedEntry | null {
  return entry !== undefined && entry.position <= position ? entry : null;
}

/**
 * 53-bit hash (cyrb53, public domain) of what makes two posts "the same content". Not against an
 * adversary: both posts come from the same sender, who gains nothing by a collision.
 */
export function hashContent(parts: readonly string[]): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      const unit = part.charCodeAt(i);
      high = Math.imul(high ^ unit, 2654435761);
      low = Math.imul(low ^ unit, 1597334677);
    }
    high = Math.imul(high ^ 0x1f, 2654435761);
    low = Math.imul(low ^ 0x1f, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
