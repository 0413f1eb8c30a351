/** What a principal hears of conversations that it did not subscribe to: they begin for it, or end. */
import type { Bus, InboxNote } from '../../../../core/bus.ts';
import type { PrincipalId } from '../../../../domain/ids.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ConversationState } from '../../../../domain/state.ts';
import type { Directory } from '../../../../ports/identity/identity-service.ts';
import { eventFrame } from './wording.ts';

export interface NewsDeps {
  readonly bus: Pick<Bus, 'stateFor'>;
  readonly directory: Pick<Directory, 'principalsOf'>;
}

/** The event to tell to sockets of one environment; null: none. Being removed is told by silence (vero.md §4). */
export async function conversationNews(
  deps: NewsDeps,
  principal: Principal,
  env: string | null,
  blocked: ReadonlySet<PrincipalId>,
  { kind, conversation }: InboxNote,
): Promise<string | null> {
  if (kind === 'removed') return null;
  const named = { conversation_id: conversation };
  if (kind === 'deleted') return eventFrame(null, 'conversation.deleted', named);
  const found = await deps.bus.stateFor(principal, conversation, env);
  if (found instanceof Problem) return null;
  const { state } = found;
  const contact = contactOf(state, principal.id);
  if (contact === null) {
    const name = state.name === null ? {} : { group_name: state.name };
    return eventFrame(null, 'conversation.created', { ...named, ...name });
  }
  // One that somebody blocked opens is not listed either (vero.md §6).
  if (blocked.has(contact)) return null;
  const people = await deps.directory.principalsOf(principal.tenant, [contact]);
  const person = people instanceof Problem ? undefined : people.get(contact);
  const name = person === undefined ? {} : { contact_name: person.displayName };
  return eventFrame(null, 'conversation.created', { ...named, ...name, contact_id: contact });
}

/** The other one of a conversation of two. */
function contactOf({ type, participants }: ConversationState, self: PrincipalId): PrincipalId | null {
  if (type !== 'private' || participants.size !== 2) return null;
  return [...participants.keys()].find((id) => id !== self) ?? null;
}
