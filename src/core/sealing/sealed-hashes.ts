/**
 * What tells a retry from another post: the hash of what was posted first. Of sealed content no row holds
 * it, so it is computed from the opened text.
 */
import { hashOfPost } from '../../domain/decide/post.ts';
import type { ConversationRef, EventOf } from '../../domain/event.ts';
import { IdempotencyWindow, type PostedEntry } from '../../domain/idempotency-window.ts';
import type { EventId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import { openEvents } from './open-rows.ts';
import type { Sealer } from './sealer.ts';

type Hashes = ReadonlyMap<EventId, number>;

/**
 * The hashes that are missing in `posts`, by event id. `opened`: entries that are at hand already. Of
 * erased messages and of those that cannot be opened for good there is none.
 */
export async function hashesOf(
  reader: ProjectionReader,
  sealer: Sealer,
  ref: ConversationRef,
  posts: readonly PostedEntry[],
  opened: readonly TimelineEntry[],
): Promise<Hashes | Problem> {
  const hashes = new Map<EventId, number>();
  const missing = new Map(posts.filter(({ hash }) => hash === null).map((post) => [post.eventId, post]));
  if (missing.size === 0) return hashes;
  for (const { event, editCount, deletedAt } of opened) {
    if (deletedAt !== null) missing.delete(event.id);
    if (event.type !== 'message.posted' || editCount > 0 || !missing.delete(event.id)) continue;
    addHash(hashes, event);
  }
  if (missing.size === 0) return hashes;
  // An edited message's row holds its newest text; the first one is a row of its own.
  const found = await reader.versions(
    ref,
    [...missing.values()].map(({ messageId }) => messageId),
  );
  if (found instanceof Problem) return found;
  const firsts = await openEvents(
    sealer,
    ref,
    found.events.filter(({ id }) => missing.has(id)),
  );
  if (firsts instanceof Problem) return firsts;
  for (const event of firsts) if (event.type === 'message.posted') addHash(hashes, event);
  return hashes;
}

function addHash(hashes: Map<EventId, number>, { id, data }: EventOf<'message.posted'>): void {
  if (data.sealed !== undefined) return;
  const { content, content_type: contentType, reply_to: replyTo } = data;
  hashes.set(id, hashOfPost({ content, contentType, replyTo }));
}

/** The same window with these hashes. */
export function withHashes(window: IdempotencyWindow, hashes: Hashes): IdempotencyWindow {
  if (hashes.size === 0) return window;
  const filled = new IdempotencyWindow(false);
  for (const post of window.entries) filled.add({ ...post, hash: hashes.get(post.eventId) ?? post.hash });
  if (window.isWhole) filled.prepend([], true);
  return filled;
}
