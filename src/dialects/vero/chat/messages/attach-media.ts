import type { ConversationId, MessageId } from '../../../../domain/ids.ts';
import type { Principal } from '../../../../domain/principal.ts';
import type { Problem } from '../../../../domain/problem.ts';

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
export type AttachMedia = (
  by: Principal,
  target: MediaTarget,
  ids: readonly string[],
) => Promise<{ readonly media: readonly object[] } | { readonly attachedTo: MessageId } | Problem>;
