/** A conversation as one of its participants finds it; for everybody else there is none (vero.md §1). */
import type { RequestContext } from '../../../contract/operation.ts';
import type { ConversationRef } from '../../../domain/event.ts';
import { type ConversationId, canonicalUuid } from '../../../domain/ids.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ConversationState } from '../../../domain/state.ts';
import type { ChatDeps } from './chat-deps.ts';
import { type View, viewOf } from './view.ts';

/** Who asks, and for conversations of which environment (null: of any). */
export type Caller = Pick<RequestContext, 'env'> & { readonly principal: Principal };

export interface Entered {
  readonly ref: ConversationRef;
  /** Confirmed at the leader. */
  readonly state: ConversationState;
  readonly view: View;
}

/** `not_found` for what does not exist, for what the caller takes no part in, and for an id that is none. */
export async function enter(
  deps: Pick<ChatDeps, 'bus' | 'personal'>,
  { principal, env }: Caller,
  conversation: ConversationId,
): Promise<Entered | Problem> {
  const id = canonicalUuid(conversation);
  if (id === null) return new Problem('not_found');
  const found = await deps.bus.stateFor(principal, id, env);
  if (found instanceof Problem) return found;
  // Observers read in other dialects; this one knows participants only.
  if (!found.state.participants.has(principal.id)) return new Problem('not_found');
  const view = await viewOf(deps.personal, found.ref, principal);
  return view instanceof Problem ? view : { ...found, view };
}
