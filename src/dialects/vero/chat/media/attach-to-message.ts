/** A file joins a message that is there already: everybody hears of it as of an edit that does not count as one. */
import { canonicalUuid } from '../../../../domain/ids.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { MediaRecord } from '../../../../ports/media.ts';
import type { Caller } from '../entered.ts';
import type { AttachMedia } from '../messages/attach-media.ts';
import { findMessage } from '../messages/named-message.ts';
import { toAttached } from './attached-media.ts';
import type { MediaRouteDeps } from './media-route-deps.ts';

/** `not_found` unless it is the caller's own message, and seen; `conflict` for a file of another message. */
export async function attachTo(
  deps: MediaRouteDeps,
  caller: Caller,
  media: MediaRecord,
  messageId: string,
): Promise<MediaRecord | Problem> {
  const { principal, env } = caller;
  if (canonicalUuid(messageId) === null) {
    return new Problem('invalid_request', undefined, { fields: [{ path: 'message_id', reason: 'format' }] });
  }
  const found = await findMessage(deps, caller, messageId);
  if (found instanceof Problem) return found;
  const { event } = found.entry;
  if (event.actor.id !== principal.id) return new Problem('not_found');
  const place = { conversation: event.conversation, message: event.data.message_id };
  if (media.place !== null && media.place.message !== place.message) return attachedElsewhere();
  const attached = await deps.uploads.attach(principal, [media.id], place);
  if (attached instanceof Problem)
    return attached.code === 'invalid_request' ? attachedElsewhere() : attached;
  const context = deps.bus.context(place.conversation, { env });
  const command = { op: 'attach', message: place.message, media: attached.map(toAttached) } as const;
  const outcome = await deps.bus.dispatch(principal, command, context);
  if (outcome instanceof Problem) {
    // Unless it is attached since before: then the message says so already.
    if (media.place === null) await deps.uploads.detach(principal, [media.id], place.message);
    return outcome;
  }
  return { ...media, place };
}

function attachedElsewhere(): Problem {
  return new Problem('conflict', 'It is attached to another message.', { reason: 'attached' });
}

/** For messages that are about to be sent: their metadata says what is attached. */
export function attachBeforeSending(uploads: MediaRouteDeps['uploads']): AttachMedia {
  return async (by, target, ids) => {
    const canonical = ids.map((id) => canonicalUuid(id) ?? id);
    const attached = await uploads.attach(by, canonical, target);
    if (!(attached instanceof Problem)) return { media: attached.map(toAttached) };
    if (attached.code !== 'invalid_request') return attached;
    const [first] = canonical;
    const found = first === undefined ? null : await uploads.find(by.tenant, first);
    if (found === null || found instanceof Problem || found.uploader !== by.id) return attached;
    return found.place === null ? attached : { attachedTo: found.place.message };
  };
}
