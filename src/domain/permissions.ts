/** Who may see and who may act: one place, used by decide() and by the readers. */
import type { ServiceId } from './ids.ts';
import { hasScope, isAdministrator, type Principal } from './principal.ts';
import { Problem } from './problem.ts';
import type { ConversationState, Participant } from './state.ts';

/** `participant`: may act; `observer`: may read; null: does not know of it. */
export type Standing = 'participant' | 'observer' | null;

/** False when a key that is bound to a service meets a conversation of another one. */
export function isOfService({ service }: Principal, other: ServiceId | null): boolean {
  return service === null || other === null || service === other;
}

/** How a principal stands to a conversation of its own tenant. `env` is the request's X-Env, null for any. */
export function standingOf(state: ConversationState, principal: Principal, env: string | null): Standing {
  if (state.status !== 'open') return null;
  if (env !== null && env !== state.env) return null;
  if (!isOfService(principal, state.service)) return null;
  if (state.participants.has(principal.id)) return 'participant';
  if (!hasScope(principal, 'cap:messaging.observe')) return null;
  // A key bound to a service observes that service only (architecture.md §7).
  return principal.service === null || principal.service === state.service ? 'observer' : null;
}

/** The caller's participant, or the refusal: not_found for those who may not know, forbidden for observers. */
export function requireParticipant(
  state: ConversationState,
  principal: Principal,
  env: string | null,
): Participant | Problem {
  const standing = standingOf(state, principal, env);
  if (standing === null) return new Problem('not_found');
  const participant = state.participants.get(principal.id);
  return participant ?? new Problem('forbidden', 'Observers may only read.', { reason: 'not_a_participant' });
}

/** True when it may open, read and follow the conversation. */
export function mayRead(state: ConversationState, principal: Principal, env: string | null): boolean {
  return standingOf(state, principal, env) !== null;
}

/** Tenant administrators act on conversations they are not in only where a route says so. */
export function actsAsAdministrator(principal: Principal, asked: boolean | undefined): boolean {
  return asked === true && isAdministrator(principal);
}
