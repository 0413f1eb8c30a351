/** A file joins a message that is there already: everybody hears of it as of an edit that does not count as one. */
import { canonicalUuid } from '../../../../domain/ids.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { MediaPlace, MediaRecord } from '../../../../ports/media.ts';
import type { Caller } from '../entered.ts';
import { findMessage } from '../messages/named-message.ts';
import { toAttached } from './attached-media.ts';
import type { MediaRouteDeps } from './media-route-deps.ts';
import { freeIfLost, isSurelyUnposted } from './sent-media.ts';

/** The caller's own message, and seen; else `not_found`. */
export async function ownMessage(
  deps: MediaRouteDeps,
  caller: Caller,
  messageId: string,
): Promise<MediaPlace | Problem> {
  if (canonicalUuid(messageId) === null) {
    return new Problem('invalid_request', undefined, { fields: [{ path: 'message_id', reason: 'format' }] });
  }
  const found = await findMessage(deps, caller, messageId);
  if (found instanceof Problem) return found;
  const { event } = found.entry;
  if (event.actor.id !== caller.principal.id) return new Problem('not_found');
  return { conversation: event.conversation, message: event.data.message_id };
}

/** `conflict` for a file of another message. */
export async function attachTo(
  deps: MediaRouteDeps,
  caller: Caller,
  media: MediaRecord,
  place: MediaPlace,
): Promise<MediaRecord | Problem> {
  const { principal, env } = caller;
  const isThere = media.place?.message === place.message;
  const other = isThere ? null : await freeIfLost(deps, caller, media);
  if (other !== null) return other instanceof Problem ? other : attachedElsewhere();
  const attached = await deps.uploads.attach(principal, [media.id], place);
  if (attached instanceof Problem)
    return attached.code === 'invalid_request' ? attachedElsewhere() : attached;
  const context = deps.bus.context(place.conversation, { env });
  const command = { op: 'attach', message: place.message, media: attached.map(toAttached) } as const;
  const outcome = await deps.bus.dispatch(principal, command, context);
  if (outcome instanceof Problem) {
    // Unless it is attached since before: then the message says so already.
    const isFree = !isThere && isSurelyUnposted(outcome, place.message);
    if (isFree) await deps.uploads.detach(principal, [media.id], place.message);
    return outcome;
  }
  return { ...media, place };
}

function attachedElsewhere(): Problem {
  return new Problem('conflict', 'It is attached to another message.', { reason: 'attached' });
}
