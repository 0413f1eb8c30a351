/** A conversation that a caller names: its own, with a bot in it, or none that there is. */
import type { ConversationRef } from '../../domain/event.ts';
import { canonicalUuid, type PrincipalId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { ConversationSession } from '../../ports/conversations/conversation-sessions.ts';
import { type ChatDeps, isGuest } from './deps.ts';

export interface Caller {
  readonly principal: Principal;
  readonly env: string | null;
}

export interface Place {
  readonly ref: ConversationRef;
  readonly state: ConversationState;
  /** The agent that was there first. */
  readonly bot: PrincipalId;
  /** Of a guest. */
  readonly session: ConversationSession | null;
}

/** `not_found` also when the caller may see it, but does not take part, and when its session as a guest has ended. */
export async function enter(
  { bus, sessions }: Pick<ChatDeps, 'bus' | 'sessions'>,
  { principal, env }: Caller,
  named: string,
): Promise<Place | Problem> {
  const id = canonicalUuid(named);
  if (id === null) return new Problem('not_found');
  const found = await bus.stateFor(principal, id, env);
  if (found instanceof Problem) return found;
  const { ref, state } = found;
  const bot = botOf(state);
  if (bot === null || !state.participants.has(principal.id)) return new Problem('not_found');
  if (!isGuest(principal)) return { ref, state, bot, session: null };
  const session = await sessions.use(principal.tenant, { conversation: id });
  if (session instanceof Problem) return session;
  return session === null ? new Problem('not_found') : { ref, state, bot, session };
}

function botOf({ participants }: ConversationState): PrincipalId | null {
  for (const { id, kind } of participants.values()) if (kind === 'agent') return id;
  return null;
}
