/** A message that a request names without its conversation: this API's paths do. */
import { type ConversationId, canonicalUuid, type MessageId } from '../../../../domain/ids.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { type Caller, type Entered, enter } from '../entered.ts';
import { isSeen, type MessageEntry } from '../view.ts';

export interface NamedMessage {
  readonly place: Entered;
  readonly entry: MessageEntry;
}

type Deps = Pick<ChatDeps, 'bus' | 'personal' | 'projectedNow'>;

/**
 * The message as its caller sees it. `not_found` for an id that is none, a message that does not exist, is deleted,
 * or is none of the caller's sight. `conversation`: where it is said to be.
 */
export async function findMessage(
  deps: Deps,
  caller: Caller,
  id: string,
  conversation: ConversationId | null = null,
): Promise<NamedMessage | Problem> {
  const message = canonicalUuid(id);
  if (message === null) return new Problem('not_found');
  const where = conversation ?? (await conversationOf(deps, caller.principal, message));
  if (where instanceof Problem) return where;
  return where === null ? new Problem('not_found') : await findIn(deps, caller, where, message);
}

/** What was acknowledged just now may not be projected yet: it is looked for once more when it surely is. */
async function conversationOf(
  { bus, projectedNow }: Deps,
  principal: Principal,
  message: MessageId,
): Promise<ConversationId | null | Problem> {
  const found = await bus.conversationOf(principal, message);
  if (found !== null) return found;
  await projectedNow();
  return await bus.conversationOf(principal, message);
}

/** The same in a conversation that is known. */
export async function findIn(
  deps: Pick<ChatDeps, 'bus' | 'personal'>,
  caller: Caller,
  conversation: ConversationId,
  message: MessageId,
): Promise<NamedMessage | Problem> {
  const place = await enter(deps, caller, conversation);
  if (place instanceof Problem) return place;
  const entry = await deps.bus.entry(caller.principal, place.ref.conversation, message, caller.env);
  if (entry instanceof Problem) return entry;
  const isThere = entry !== null && isSeen(entry, place.view) && entry.deletedAt === null;
  return isThere ? { place, entry } : new Problem('not_found');
}
