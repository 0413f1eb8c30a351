/**
 * The Bus without NATS and Postgres: the real rules over arrays. For tests of what stands on the Bus;
 * what the Bus itself promises is tested on the real one.
 */
import { openIdSource } from '../../../src/adapters/system/id-source.ts';
import type {
  Bus,
  ByCreationQuery,
  HistoryPage,
  HistoryQuery,
  MessageBounds,
  Outcome,
} from '../../../src/core/bus.ts';
import { shownMessage } from '../../../src/core/reads/messages-from-end.ts';
import type { Command, CommandContext } from '../../../src/domain/command.ts';
import type { ConversationRef, Event } from '../../../src/domain/event.ts';
import { mayRead, requireParticipant } from '../../../src/domain/permissions.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { type Micros, nextMicros, parseMicros } from '../../../src/domain/time.ts';
import { entryId, isAmong, type TimelineEntry } from '../../../src/domain/timeline.ts';
import type {
  InboxQuery,
  ListedConversation,
  ListQuery,
} from '../../../src/ports/projection/listed-conversations.ts';
import type { ChangeRange, EntryRange } from '../../../src/ports/projection/projection-reader.ts';
import type { UnreadQuery } from '../../../src/ports/projection/unread-counts.ts';
import { MemoryConversation } from './memory-conversation.ts';
import { contextOf } from './memory-principals.ts';

export class MemoryBus implements Bus {
  readonly ids = openIdSource();
  /** Conversations by tenant and id, in the order of their creation. */
  readonly #conversations = new Map<string, MemoryConversation>();
  readonly #readSeqs = new Map<string, number>();
  /** By tenant and conversation, then by principal. */
  readonly #readTimes = new Map<string, Map<string, Micros>>();
  /** Of the newest command. Lists are sorted by it, and a fast machine handles several in one millisecond. */
  #at: Micros = 0;

  context(conversation: string, fields: Partial<CommandContext> = {}): CommandContext {
    return contextOf(conversation, this.ids.next(), fields);
  }

  newConversationId(): string {
    return this.ids.next();
  }

  /** Looks inside. */
  conversation(tenant: string, id: string): MemoryConversation | undefined {
    return this.#conversations.get(`${tenant}/${id}`);
  }

  async dispatch(
    principal: Principal,
    command: Command,
    context: CommandContext,
  ): Promise<Outcome | Problem> {
    const { tenant } = principal;
    const key = `${tenant}/${context.conversation}`;
    const service = command.op === 'create' ? command.service : null;
    const known = this.#conversations.get(key);
    if (known === undefined && command.op !== 'create') return new Problem('not_found');
    const ref: ConversationRef = { tenant, service, conversation: context.conversation };
    const conversation = known ?? new MemoryConversation(ref, () => this.ids.next());
    this.#at = nextMicros(Date.now() * 1000, this.#at);
    conversation.now = this.#at;
    const handled = conversation.handle(principal, command, context);
    if (handled instanceof Problem) return handled;
    this.#conversations.set(key, conversation);
    const { decision, events, state } = handled;
    return {
      ref: conversation.ref,
      events,
      duplicate: decision.kind === 'duplicate' ? decision.first : null,
      state,
    };
  }

  async stateFor(principal: Principal, id: string, env: string | null) {
    const found = this.#readable(principal, id, env);
    return found instanceof Problem ? found : { ref: found.ref, state: found.state };
  }

  async stateOf(tenant: string, id: string) {
    const found = this.conversation(tenant, id);
    return found === undefined || found.state.status !== 'open'
      ? null
      : { ref: found.ref, state: found.state };
  }

  async history(principal: Principal, id: string, query: HistoryQuery) {
    const found = this.#readable(principal, id, query.env ?? null);
    return found instanceof Problem ? found : pageOf(found, query);
  }

  async historyOf(tenant: string, id: string, range: EntryRange) {
    const found = this.conversation(tenant, id);
    return found === undefined || found.state.status !== 'open' ? null : pageOf(found, range);
  }

  async changes(principal: Principal, id: string, query: ChangeRange & { readonly env: string | null }) {
    const found = this.#readable(principal, id, query.env);
    if (found instanceof Problem) return found;
    const changed = found.timeline
      .filter((one) => one.changedPosition > query.afterPosition && one.changedPosition > one.event.position)
      .filter(({ event }) => (event.seq ?? 0) <= query.upToSeq)
      .sort((one, other) => one.changedPosition - other.changedPosition);
    const entries = changed.slice(0, query.limit);
    return { ref: found.ref, entries, hasMore: entries.length < changed.length, state: found.state };
  }

  async wasDeleted(principal: Principal, id: string) {
    const last = this.conversation(principal.tenant, id)?.log.at(-1)?.event;
    return last?.type === 'conversation.deleted' && last.data.participants?.includes(principal.id) === true;
  }

  async conversationOf(principal: Principal, message: string) {
    const own = [...this.#conversations.values()].find(
      ({ ref, state, timeline }) =>
        ref.tenant === principal.tenant &&
        state.participants.has(principal.id) &&
        timeline.some((entry) => entryId(entry) === message),
    );
    return own?.ref.conversation ?? null;
  }

  async entry(principal: Principal, id: string, message: string, env: string | null) {
    const found = this.#readable(principal, id, env);
    return found instanceof Problem ? found : found.entry(message);
  }

  async versions(principal: Principal, id: string, messages: readonly string[], env: string | null) {
    const found = this.#readable(principal, id, env);
    if (found instanceof Problem) return found;
    return found.log.map((entry) => entry.event).filter((event) => isVersionOf(event, messages));
  }

  async eventsAfter(principal: Principal, id: string, position: number, limit: number, env: string | null) {
    const found = this.#readable(principal, id, env);
    if (found instanceof Problem) return found;
    const after = found.log.map((entry) => entry.event).filter((event) => event.position > position);
    return { events: after.slice(0, limit), hasMore: after.length > limit, state: found.state };
  }

  async statusOf(tenant: string, id: string) {
    return this.conversation(tenant, id)?.state.status ?? ('none' as const);
  }

  async list(principal: Principal, query: ListQuery) {
    const own = [...this.#conversations.values()]
      .filter(({ ref, state }) => {
        const isOfEnv = query.env === null || query.env === state.env;
        const isOfService =
          query.service === null || state.service === null || query.service === state.service;
        const isOwn = ref.tenant === principal.tenant && state.participants.has(principal.id);
        return isOwn && isOfEnv && isOfService;
      })
      .sort((a, b) => b.state.at - a.state.at);
    const start = Number(query.cursor ?? 0);
    // A page is as short as pages may be, so that whoever forgets the cursor is found out.
    const end = start + Math.min(query.limit, 2);
    const conversations = own.slice(start, end).map((one) => this.#listed(one, principal));
    return { conversations, next: end < own.length ? String(end) : null };
  }

  /** Here nobody clears, mutes or archives. */
  async inbox(principal: Principal, query: InboxQuery) {
    const page = await this.list(principal, { ...query, unreadOnly: false });
    const own = { mutedUntil: null, archivedAt: null, others: [], hasAgent: false, newest: null };
    return { ...page, conversations: page.conversations.map((listed) => ({ ...listed, ...own })) };
  }

  /** No dialect that asks for them is tried over memory. */
  async withAgents() {
    return { conversations: [], total: 0 };
  }

  async byCreation(principal: Principal, { entity, env, offset, limit }: ByCreationQuery) {
    const own = [...this.#conversations.values()].reverse().filter(({ ref, state }) => {
      const isAsked = (entity.type ?? state.entity.type) === state.entity.type;
      const isThat = (entity.id ?? state.entity.id) === state.entity.id && (env ?? state.env) === state.env;
      return ref.tenant === principal.tenant && state.participants.has(principal.id) && isAsked && isThat;
    });
    return own.slice(offset, offset + limit).map((one) => ({
      conversation: this.#listed(one, principal),
      newest: { entries: one.timeline, hasMore: false },
      readers: null,
    }));
  }

  async messages(principal: Principal, id: string, query: MessageBounds & { readonly env: string | null }) {
    const found = this.#readable(principal, id, query.env);
    if (found instanceof Problem) return found;
    const all = found.timeline.flatMap((entry) => shownMessage(entry, principal.kind === 'user') ?? []);
    const older = all.filter(({ seq }) => (seq ?? 0) < (query.beforeSeq ?? Infinity));
    const isTruncated = older.length > query.messages;
    const messages = older.slice(-query.messages);
    return { ref: found.ref, state: found.state, messages, isTruncated, readers: null };
  }

  async unread(principal: Principal, query: UnreadQuery) {
    const page = await this.list(principal, { ...query, limit: 2, cursor: null, unreadOnly: false });
    return page.conversations.map((listed) => ({ ...listed, blocked: new Set<string>() }));
  }

  async readTimes(principal: Principal, id: string, env: string | null) {
    const found = this.#readable(principal, id, env);
    return found instanceof Problem ? found : (this.#readTimes.get(`${found.ref.tenant}/${id}`) ?? new Map());
  }

  async read(principal: Principal, id: string, upToSeq: number, env: string | null) {
    const found = this.#readable(principal, id, env);
    if (found instanceof Problem) return found;
    const participant = requireParticipant(found.state, principal, null);
    if (participant instanceof Problem) return participant;
    const key = `${found.ref.tenant}/${id}/${principal.id}`;
    const before = this.#readSeqs.get(key) ?? 0;
    const lastReadSeq = Math.max(before, Math.min(upToSeq, found.state.seq));
    this.#readSeqs.set(key, lastReadSeq);
    const ofAll = this.#readTimes.get(`${found.ref.tenant}/${id}`) ?? new Map<string, Micros>();
    if (lastReadSeq > before) ofAll.set(principal.id, Date.now() * 1000);
    this.#readTimes.set(`${found.ref.tenant}/${id}`, ofAll);
    return { lastReadSeq, unread: this.#listed(found, principal).unread };
  }

  #readable(principal: Principal, id: string, env: string | null): MemoryConversation | Problem {
    const found = this.conversation(principal.tenant, id);
    return found !== undefined && mayRead(found.state, principal, env) ? found : new Problem('not_found');
  }

  #listed({ ref, state, timeline }: MemoryConversation, principal: Principal): ListedConversation {
    const lastReadSeq = this.#readSeqs.get(`${ref.tenant}/${ref.conversation}/${principal.id}`) ?? 0;
    const own = state.participants.get(principal.id);
    const after = Math.max(lastReadSeq, own?.joinedSeq ?? 0);
    const { type, name, description, metadata, stage, entity, env } = state;
    const { createdBy, createdAt, changedAt, position, seq } = state;
    return {
      ref,
      ...{
        type,
        name,
        description,
        metadata,
        stage,
        entity,
        env,
        createdBy,
        createdAt,
        changedAt,
        position,
        seq,
      },
      updatedAt: state.at,
      role: own?.role ?? 'member',
      lastReadSeq,
      clearedSeq: 0,
      unread: timeline.filter((entry) => isUnread(entry, after, principal)).length,
    };
  }
}

function isWithin({ event }: TimelineEntry, query: HistoryQuery): boolean {
  const at = parseMicros(event.at) ?? 0;
  const seq = event.seq ?? 0;
  const { afterAt, afterSeq, beforeAt, beforeSeq } = query;
  const isAfter = at > (afterAt ?? 0) && seq > (afterSeq ?? 0);
  return isAfter && at < (beforeAt ?? Infinity) && seq < (beforeSeq ?? Infinity);
}

function isVersionOf(event: Event, messages: readonly string[]): boolean {
  const isVersion = event.type === 'message.posted' || event.type === 'message.edited';
  return isVersion && messages.includes(event.data.message_id);
}

function isUnread({ event, deletedAt }: TimelineEntry, after: number, principal: Principal): boolean {
  if (event.type !== 'message.posted' || deletedAt !== null) return false;
  return (event.seq ?? 0) > after && event.actor.id !== principal.id;
}

function pageOf(found: MemoryConversation, query: EntryRange): HistoryPage {
  const { seen } = query;
  const within = found.timeline
    .filter((entry) => isWithin(entry, query))
    .filter((entry) => seen === undefined || isAmong(entry, seen));
  const entries = query.keep === 'newest' ? within.slice(-query.limit) : within.slice(0, query.limit);
  return { ref: found.ref, entries, hasMore: entries.length < within.length, state: found.state };
}
