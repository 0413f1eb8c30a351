/** What a message was when it was posted: what its retry is answered with. */
import type { ConversationRef, EventOf } from '../../../../domain/event.ts';
import type { PostedEntry } from '../../../../domain/idempotency-window.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { asPosted, type Encoded } from '../encode-message.ts';
import type { Caller } from '../entered.ts';
import { attachedIn } from '../media/attached-media.ts';
import type { MessageEntry } from '../view.ts';

/** What two posts with one client id must share beyond what the core compares (text, type, reply). */
const compared = ['content_meta', 'thread_role', 'task_id', 'is_internal', 'is_forwarded', 'media'] as const;

/**
 * The first body of a post that comes again; of a message that was deleted since, its tombstone. `conflict`
 * when the two are not the same.
 */
export async function postedFirst(
  { bus }: Pick<ChatDeps, 'bus'>,
  { principal, env }: Caller,
  ref: ConversationRef,
  { messageId }: PostedEntry,
  metadata: Readonly<Record<string, unknown>>,
): Promise<Encoded | Problem> {
  const found = await bus.entry(principal, ref.conversation, messageId, env);
  if (found instanceof Problem) return found;
  if (found === null || found.event.type !== 'message.posted') return new Problem('not_found');
  const entry = found as MessageEntry;
  if (entry.deletedAt !== null) return entry;
  const first = entry.editCount === 0 ? entry.event : await firstVersion(bus, entry, { principal, env });
  if (first instanceof Problem) return first;
  const isSame = compared.every((name) => said(first.data.metadata, name) === said(metadata, name));
  if (isSame) return asPosted(first);
  return new Problem('conflict', 'This client_message_id was used with other content.', {
    reason: 'client_id_reused',
  });
}

/** Each try of a forward has copies of the files: of them counts what they are copies of. */
function said(
  metadata: Readonly<Record<string, unknown>>,
  name: (typeof compared)[number],
): string | undefined {
  if (name !== 'media' || metadata['is_forwarded'] !== true) return JSON.stringify(metadata[name]);
  return JSON.stringify(
    attachedIn(metadata).map((one) => [one.filename, one.content_type, one.size_bytes, one.created_at]),
  );
}

async function firstVersion(
  bus: ChatDeps['bus'],
  { event }: MessageEntry,
  { principal, env }: Caller,
): Promise<EventOf<'message.posted'> | Problem> {
  const versions = await bus.versions(principal, event.conversation, [event.data.message_id], env);
  if (versions instanceof Problem) return versions;
  const first = versions[0];
  return first?.type === 'message.posted' ? first : event;
}
