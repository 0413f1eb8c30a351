/** Reads facts as of a conversation's position: memory first, else the projected row with the log's tail on top. */
import type { ConversationRef, LogEntry } from '../../domain/event.ts';
import type { DraftFact, DraftOwner, Facts, FactsNeeded } from '../../domain/facts.ts';
import type { PostedEntry } from '../../domain/idempotency-window.ts';
import type { MessageId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import {
  applyChange,
  changedMessage,
  entryId,
  type TimelineEntry,
  tombstoneOf,
  toTimelineEntry,
} from '../../domain/timeline.ts';
import type { DraftStore, StoredChunk } from '../../ports/draft-store.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Log } from '../../ports/log.ts';
import type { ProjectedAt, ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { LoadedConversation } from './loaded-conversation.ts';

export interface FactsReader {
  read(conversation: LoadedConversation, needed: FactsNeeded, sender: string): Promise<Facts | Problem>;
  /** One entry as of the present position; null when the conversation has no such message. */
  entry(conversation: LoadedConversation, message: MessageId): Promise<TimelineEntry | null | Problem>;
  /** Log entries after a projected position, from the tail or the log. */
  after(conversation: LoadedConversation, at: ProjectedAt): Promise<readonly LogEntry[] | Problem>;
}

interface Deps {
  readonly log: Log;
  readonly reader: ProjectionReader;
  readonly drafts: DraftStore;
  readonly ids: IdSource;
}

export function openFactsReader({ log, reader, drafts, ids }: Deps): FactsReader {
  async function after(
    conversation: LoadedConversation,
    at: ProjectedAt,
  ): Promise<readonly LogEntry[] | Problem> {
    if (conversation.tailCovers(at.position)) {
      return conversation.tail.filter((entry) => entry.event.position > at.position);
    }
    const entries: LogEntry[] = [];
    for (let from = at.logSeq; ; ) {
      const page = await log.readAfter(conversation.ref, from, limits.logReadPageMax);
      if (page instanceof Problem) return page;
      entries.push(...page.entries);
      const last = page.entries.at(-1);
      if (page.isLast || last === undefined) return toPresent(conversation, at, entries);
      // A projection that lags this far cannot be bridged in memory: let it catch up first.
      if (entries.length >= limits.lagBridgedMax) return new Problem('unavailable');
      from = last.logSeq;
    }
  }

  async function entry(
    conversation: LoadedConversation,
    message: MessageId,
  ): Promise<TimelineEntry | null | Problem> {
    const near = conversation.recent.findLast((one) => entryId(one) === message);
    if (near !== undefined) return near;
    // `recent` holds every entry of the conversation: there is nothing older to look for.
    if (conversation.recent.length === conversation.state.seq) return null;
    const found = await reader.entry(conversation.ref, message);
    if (found instanceof Problem) return found;
    const newer = await after(conversation, found.at);
    if (newer instanceof Problem) return newer;
    return overlay(found.entry, newer, message);
  }

  async function earlier(
    ref: ConversationRef,
    conversation: LoadedConversation,
    needed: FactsNeeded,
    sender: string,
  ): Promise<PostedEntry | null | Problem> {
    const by =
      needed.earlierByClient !== null
        ? { sender, clientId: needed.earlierByClient }
        : { messageId: needed.earlierByMessage ?? '' };
    const found = await reader.earlierPost(ref, by);
    if (found instanceof Problem) return found;
    const oldest = conversation.state.window.oldest;
    // Between the projection and the window nothing may be unknown.
    if (found.post === null && oldest !== null && found.at.position < oldest.position - 1) {
      return new Problem('unavailable');
    }
    return found.post;
  }

  async function draftOf(ref: ConversationRef, message: MessageId): Promise<DraftOwner | null | Problem> {
    const first = await drafts.first(ref, message);
    if (first === null || first instanceof Problem) return first;
    return {
      messageId: message,
      run: first.run,
      author: first.author,
      dataClass: first.data_class ?? 'none',
    };
  }

  return {
    entry,
    after,
    async read(conversation, needed, sender) {
      const { ref } = conversation;
      const message = needed.message === null ? null : await entry(conversation, needed.message);
      if (message instanceof Problem) return message;
      let post: PostedEntry | null = null;
      if (needed.earlierByClient !== null) {
        const found = await earlier(ref, conversation, { ...needed, earlierByMessage: null }, sender);
        if (found instanceof Problem) return found;
        post = found;
      }
      if (post === null && needed.earlierByMessage !== null) {
        const found = await earlier(ref, conversation, { ...needed, earlierByClient: null }, sender);
        if (found instanceof Problem) return found;
        post = found;
      }
      const draft = needed.draftOf === null ? null : await draftOf(ref, needed.draftOf);
      if (draft instanceof Problem) return draft;
      const chunks = needed.drafts ? await drafts.read(ref) : [];
      if (chunks instanceof Problem) return chunks;
      const open = joinChunks(chunks);
      const spare = Math.max(needed.spareIds, open.length);
      return {
        message,
        earlier: post,
        draft,
        drafts: open,
        spareIds: Array.from({ length: spare }, () => ids.next()),
      };
    },
  };
}

/** Any replica may have answered: what it lacks of the present state is in the tail, or is not known yet. */
function toPresent(
  conversation: LoadedConversation,
  at: ProjectedAt,
  entries: readonly LogEntry[],
): readonly LogEntry[] | Problem {
  const end = entries.at(-1)?.event.position ?? at.position;
  if (end >= conversation.state.position) return entries;
  if (!conversation.tailCovers(end)) return new Problem('unavailable');
  return [...entries, ...conversation.tail.filter((entry) => entry.event.position > end)];
}

/** Applies the changes after a row to it; finds the message in them when the row does not exist yet. */
function overlay(
  row: TimelineEntry | null,
  newer: readonly LogEntry[],
  message: MessageId,
): TimelineEntry | null {
  let entry = row;
  for (const logged of newer) {
    if (changedMessage(logged.event) === message)
      entry = entry === null ? tombstoneOf(logged) : applyChange(entry, logged);
    const made = toTimelineEntry(logged);
    if (made !== null && entryId(made) === message) entry = made;
  }
  return entry;
}

/** Joins stored chunks into one draft for each message. */
export function joinChunks(chunks: readonly StoredChunk[]): DraftFact[] {
  const drafts = new Map<MessageId, DraftFact>();
  for (const { chunk } of chunks) {
    if (chunk.closed === true) continue;
    const before = drafts.get(chunk.message_id);
    const text = (before?.text ?? '') + chunk.text;
    const { message_id: messageId, run, author, data_class: dataClass = 'none' } = chunk;
    drafts.set(messageId, { messageId, run, author, dataClass, text });
  }
  return [...drafts.values()];
}
