/**
 * Files of a message that is about to be sent. They are attached before it is posted, so that nobody sees a message
 * without its files; when it was not posted they are free again.
 */
import type { Outcome } from '../../../../core/bus.ts';
import type { CommandContext } from '../../../../domain/command.ts';
import { type ConversationId, canonicalUuid, type MessageId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { MediaRecord } from '../../../../ports/media.ts';
import type { ChatDeps } from '../chat-deps.ts';
import type { Caller } from '../entered.ts';
import { toAttached } from './attached-media.ts';

type Deps = Pick<ChatDeps, 'bus' | 'clock' | 'uploads'>;

/** The message that media are for: it is not sent yet. */
export interface MediaTarget {
  readonly conversation: ConversationId;
  readonly message: MessageId;
}

/**
 * What the message's metadata says of its media (`media`), in the order asked for. `invalid_request` for what is
 * not the sender's own, not confirmed, or attached to another message; of that one its id: it may be the first
 * try of this very message.
 */
export async function bindMedia(
  deps: Deps,
  caller: Caller,
  target: MediaTarget,
  ids: readonly string[],
): Promise<{ readonly media: readonly object[] } | { readonly attachedTo: MessageId } | Problem> {
  const { uploads } = deps;
  const { principal } = caller;
  const canonical = ids.map((id) => canonicalUuid(id) ?? id);
  const attached = await uploads.attach(principal, canonical, target);
  if (!(attached instanceof Problem)) return { media: attached.map(toAttached) };
  if (attached.code !== 'invalid_request') return attached;
  for (const id of canonical) {
    const found = await uploads.find(principal.tenant, id);
    if (found instanceof Problem) return found;
    if (found === null || found.uploader !== principal.id) return attached;
    const taken = await freeIfLost(deps, caller, found);
    if (taken instanceof Problem) return taken;
    if (taken !== null) return { attachedTo: taken };
  }
  const again = await uploads.attach(principal, canonical, target);
  return again instanceof Problem ? again : { media: again.map(toAttached) };
}

/**
 * The message that an own file is attached to; null when it is free. A node that died, or did not learn what became
 * of a post, leaves files attached to a message that is nowhere: some time later they are free. `unavailable` until
 * then.
 */
export async function freeIfLost(
  { bus, clock, uploads }: Deps,
  { principal, env }: Caller,
  { id, place, placedAt }: MediaRecord,
): Promise<MessageId | null | Problem> {
  if (place === null) return null;
  const entry = await bus.entry(principal, place.conversation, place.message, env);
  // Who is not in that conversation any more is not told whether it is there.
  if (entry instanceof Problem) return entry.code === 'not_found' ? place.message : entry;
  if (entry !== null && entry.deletedAt === null) return place.message;
  const isLost = clock.nowMicros() - (placedAt ?? 0) > limits.mediaAttachMs * 1000;
  if (!isLost) return new Problem('unavailable', 'It is attached to a message that may still be on its way.');
  return await uploads.detach(principal, [id], place.message);
}

/** A message that is not given an id has that of the event that posts it. */
export function messageOf({ id }: Pick<CommandContext, 'id'>): MessageId {
  const message: string = id;
  return message;
}

/** False when it was posted, or may have been: nobody can tell. */
export function isSurelyUnposted(outcome: Outcome | Problem, message: MessageId): boolean {
  if (outcome instanceof Problem) return outcome.code !== 'unavailable' && outcome.code !== 'internal';
  return outcome.duplicate !== null && outcome.duplicate.messageId !== message;
}
