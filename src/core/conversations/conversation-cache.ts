/**
 * The conversations in memory: a bounded LRU. Cached implies subscribed to its live events; evicted
 * implies unsubscribed. After a reconnect every entry is suspect until it is verified.
 */
import type { ConversationRef } from '../../domain/event.ts';
import type { ConversationId, TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { emptyState } from '../../domain/state.ts';
import type { LiveEntry, LiveFeed } from '../../ports/live-feed.ts';
import type { Log } from '../../ports/log.ts';
import type { Gauge } from '../../ports/metrics.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { CatchUp } from './catch-up.ts';
import { LoadedConversation } from './loaded-conversation.ts';

export type OnLive = (conversation: LoadedConversation, entry: LiveEntry) => void;

interface Deps {
  readonly log: Log;
  readonly live: LiveFeed;
  readonly reader: ProjectionReader;
  readonly catchUp: CatchUp;
  readonly size: Gauge;
}

export class ConversationCache {
  readonly #deps: Deps;
  readonly #loaded = new Map<string, LoadedConversation>();
  readonly #loading = new Map<string, Promise<LoadedConversation | null | Problem>>();
  /** How often a tenant was forgotten. */
  #forgotten = 0;
  #onLive: OnLive = () => undefined;
  #onDropped: (conversation: LoadedConversation) => void = () => undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
    deps.live.onReconnect(() => {
      for (const one of this.#loaded.values()) one.trust = 'suspect';
    });
  }

  /** Set once by the live side: what happens with each committed event of a cached conversation. */
  set onLive(run: OnLive) {
    this.#onLive = run;
  }

  /** Set once by the live side: what happens with those who follow a conversation that is forgotten. */
  set onDropped(run: (conversation: LoadedConversation) => void) {
    this.#onDropped = run;
  }

  get size(): number {
    return this.#loaded.size;
  }

  values(): IterableIterator<LoadedConversation> {
    return this.#loaded.values();
  }

  /** The conversation if it is in memory and proven; the hot path. */
  fresh(tenant: TenantId, conversation: ConversationId): LoadedConversation | null {
    const key = keyOf(tenant, conversation);
    const found = this.#loaded.get(key);
    if (found === undefined || found.trust !== 'fresh') return null;
    this.#touch(key, found);
    return found;
  }

  /** The conversation if it is in memory, whatever is known of it. */
  peek(tenant: TenantId, conversation: ConversationId): LoadedConversation | null {
    return this.#loaded.get(keyOf(tenant, conversation)) ?? null;
  }

  /** In memory, loaded from the projection and the log, or null when no event of it exists. */
  async get(tenant: TenantId, conversation: ConversationId): Promise<LoadedConversation | null | Problem> {
    const key = keyOf(tenant, conversation);
    const found = this.#loaded.get(key);
    if (found !== undefined) {
      this.#touch(key, found);
      return found.trust === 'fresh' ? found : await this.#verify(key, found);
    }
    const loading = this.#loading.get(key);
    if (loading !== undefined) return await loading;
    const load = this.#load(tenant, conversation).finally(() => this.#loading.delete(key));
    this.#loading.set(key, load);
    return await load;
  }

  /** A conversation whose log must be empty: it is being created, perhaps by two callers at once. */
  begin(ref: ConversationRef): LoadedConversation {
    const known = this.#loaded.get(keyOf(ref.tenant, ref.conversation));
    if (known !== undefined) return known;
    const conversation = new LoadedConversation(ref, emptyState());
    conversation.stopFollowing = this.#deps.live.follow(ref, (entry) => this.#onLive(conversation, entry));
    this.#keep(conversation);
    return conversation;
  }

  /** Forgets one: its creation failed, or its log is another one now. */
  drop(conversation: LoadedConversation): void {
    const key = keyOf(conversation.ref.tenant, conversation.ref.conversation);
    if (this.#loaded.get(key) !== conversation) return;
    conversation.trust = 'gone';
    conversation.stopFollowing();
    this.#loaded.delete(key);
    this.#deps.size.set(this.#loaded.size);
    this.#onDropped(conversation);
  }

  /**
   * Forgets all conversations of a tenant (null: of every one): what they hold must not be kept, not even
   * where it is being loaded right now. Their sockets are sent away and come back.
   */
  forget(tenant: TenantId | null): void {
    this.#forgotten += 1;
    for (const one of [...this.#loaded.values()])
      if (tenant === null || one.ref.tenant === tenant) this.drop(one);
  }

  async #load(tenant: TenantId, id: ConversationId): Promise<LoadedConversation | null | Problem> {
    const forgotten = this.#forgotten;
    const snapshot = await this.#deps.reader.snapshot(tenant, id, limits.recentEntriesMin);
    if (snapshot instanceof Problem) return snapshot;
    if (snapshot !== null) {
      const { ref, state, recent } = snapshot;
      const loaded = await this.#follow(new LoadedConversation(ref, state, recent), forgotten);
      if (loaded !== 'outlived') return loaded;
    }
    // Not projected yet, or projected from a log that is no more: the log is the truth.
    const ref = await this.#deps.log.find(tenant, id);
    if (ref === null || ref instanceof Problem) return ref;
    const loaded = await this.#follow(new LoadedConversation(ref), forgotten);
    return loaded === 'outlived' ? new Problem('unavailable') : loaded;
  }

  /** Brings what the projection knows (or nothing) to the end of the log, and keeps it. */
  async #follow(
    conversation: LoadedConversation,
    forgotten: number,
  ): Promise<LoadedConversation | null | Problem | 'outlived'> {
    const { ref } = conversation;
    // First follow, then read: what is committed after the read arrives by the feed.
    const early: LiveEntry[] = [];
    let take = (entry: LiveEntry): void => void early.push(entry);
    conversation.stopFollowing = this.#deps.live.follow(ref, (entry) => take(entry));
    const problem = await this.#prove(conversation);
    if (problem !== null || conversation.state.status === 'none' || conversation.isOutlived) {
      conversation.stopFollowing();
      return conversation.isOutlived ? 'outlived' : problem;
    }
    if (forgotten !== this.#forgotten) {
      conversation.stopFollowing();
      return new Problem('unavailable');
    }
    // It was begun by its creator meanwhile: two of them would be two truths, and one would never be let go.
    const begun = this.#loaded.get(keyOf(ref.tenant, ref.conversation));
    if (begun !== undefined) {
      conversation.stopFollowing();
      return begun;
    }
    conversation.delivered = conversation.state.position;
    this.#keep(conversation);
    for (const entry of early) this.#onLive(conversation, entry);
    take = (entry) => this.#onLive(conversation, entry);
    return conversation;
  }

  /**
   * Catches up. When that brings nothing, the leader says whether the log ends where the projection does; and
   * what only the log knows is read up to the leader's head: a replica may not have any of it yet.
   */
  async #prove(conversation: LoadedConversation): Promise<Problem | null> {
    const { log, catchUp } = this.#deps;
    const known = conversation.state.logSeq;
    const problem = await catchUp.toEnd(conversation);
    if (problem !== null || conversation.state.logSeq !== known) return problem;
    const head = await log.head(conversation.ref);
    if (head instanceof Problem) return head;
    if (known === 0) return await catchUp.to(conversation, head);
    if (head < known) conversation.isOutlived = true;
    return null;
  }

  #keep(conversation: LoadedConversation): void {
    this.#loaded.set(keyOf(conversation.ref.tenant, conversation.ref.conversation), conversation);
    this.#deps.size.set(this.#loaded.size);
    if (this.#loaded.size > limits.conversationsCachedMax) this.#makeRoomFor(conversation);
  }

  /**
   * Drops the least recently used one. Adding up the bytes of all would cost each cold load 2 ms; and dropping
   * the newest itself, where all others are followed, would let its reader load it for ever.
   */
  #makeRoomFor(newest: LoadedConversation): void {
    for (const one of this.#loaded.values()) {
      if (!one.isIdle || one === newest) continue;
      this.drop(one);
      return;
    }
  }

  #touch(key: string, conversation: LoadedConversation): void {
    this.#loaded.delete(key);
    this.#loaded.set(key, conversation);
  }

  /**
   * Drops the least recently used until both bounds hold; what somebody follows or works on stays.
   * Runs every few seconds: adding up the bytes takes 2 ms for 100,000.
   */
  evict(): void {
    let bytes = 0;
    for (const one of this.#loaded.values()) bytes += one.bytes;
    for (const one of this.#loaded.values()) {
      if (this.#loaded.size <= limits.conversationsCachedMax && bytes <= limits.cacheBytesMax) return;
      if (!one.isIdle) continue;
      bytes -= one.bytes;
      this.drop(one);
    }
  }

  async #verify(key: string, conversation: LoadedConversation): Promise<LoadedConversation | null | Problem> {
    const heads = await this.#deps.log.heads([conversation.ref]);
    if (heads instanceof Problem) return heads;
    const problem = await this.settle(conversation, heads[0] ?? 0);
    if (problem !== null) return problem;
    return conversation.trust === 'fresh'
      ? conversation
      : await this.get(conversation.ref.tenant, this.#idOf(key));
  }

  /**
   * Ends the suspicion with the head that some replica reports: catches up, or drops a conversation whose
   * log is shorter than what we know, once the leader says so too (the stream was made anew).
   */
  async settle(conversation: LoadedConversation, reported: number): Promise<Problem | null> {
    const { log, catchUp } = this.#deps;
    const known = conversation.state.logSeq;
    const head = reported < known ? await log.head(conversation.ref) : reported;
    if (head instanceof Problem) return head;
    if (head < known) {
      this.drop(conversation);
      return null;
    }
    const problem = head > conversation.state.logSeq ? await catchUp.toEnd(conversation) : null;
    if (conversation.isOutlived) {
      this.drop(conversation);
      return null;
    }
    if (problem === null && conversation.trust === 'suspect') conversation.trust = 'fresh';
    return problem;
  }

  #idOf(key: string): ConversationId {
    return key.slice(key.indexOf('\u0000') + 1);
  }
}

function keyOf(tenant: TenantId, conversation: ConversationId): string {
  return `${tenant}\u0000${conversation}`;
}
