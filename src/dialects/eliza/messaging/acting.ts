/** Who acts in a channel, and under which conditions (eliza.md decisions 3 and 8). */
import type { RequestContext } from '../../../contract/operation.ts';
import type { CommandContext } from '../../../domain/command.ts';
import { canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { hasScope, type Principal, type PrincipalKind } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ConversationState, Participant } from '../../../domain/state.ts';
import { authorOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';

/** What the headers of a request say of what follows from it. */
export type Said = Pick<CommandContext, 'env' | 'dataClass' | 'policyRef' | 'trace'> & {
  /** X-Service-Id. */
  readonly service: string | null;
};

export function saidIn(request: RequestContext): Said {
  const { env, dataClass, policyRef, traceparent, serviceId } = request;
  return { env, dataClass, policyRef, trace: traceparent, service: serviceId };
}

/** Of every command that follows from the request. */
export function contextOf({ env, dataClass, policyRef, trace }: Said): Partial<CommandContext> {
  return { env, dataClass, policyRef, trace };
}

/** Whoever may name authors acts for a whole server, like the token of the real one. */
export function actsForServer(caller: Principal): boolean {
  return hasScope(caller, 'cap:messaging.impersonate');
}

/** Null when the caller may let `named` speak; without looking whether there is such a one. */
export function refuseAuthor(caller: Principal, named: string | null): Problem | null {
  if (named === null || (canonicalUuid(named) ?? named) === caller.id || actsForServer(caller)) return null;
  return new Problem('forbidden', 'The author must be the caller.', { reason: 'other_author' });
}

/**
 * As authorOf(); who takes part is known without a look-up. `otherwise`: what somebody is taken for whom the tenant
 * does not know.
 */
export async function authorIn(
  deps: Pick<ElizaDeps, 'directory'>,
  caller: Principal,
  named: string | null,
  state: ConversationState | null,
  otherwise: PrincipalKind,
): Promise<Principal | Problem> {
  if (named === null) return caller;
  const refused = refuseAuthor(caller, named);
  if (refused !== null) return refused;
  const id = canonicalUuid(named) ?? named;
  const present = state?.participants.get(id);
  if (present !== undefined) return id === caller.id ? caller : { ...caller, id, kind: present.kind };
  const author = await authorOf(deps, caller, id);
  if (author instanceof Problem || author.id === caller.id || otherwise === 'user') return author;
  const known = await deps.directory.principalsOf(caller.tenant, [id]);
  if (known instanceof Problem) return known;
  return known.has(id) ? author : { ...author, kind: otherwise };
}

/** The agent as a principal: what it does and sees, whoever asks for it. */
export function asAgent(caller: Principal, agent: PrincipalId): Principal {
  return { ...caller, id: agent, kind: 'agent', scopes: [], role: 'member', superAdmin: false };
}

/**
 * Who gives commands in a channel: a service those of its owner, others their own. Where nobody manages the channel,
 * a service acts as `concerned`: who may do it for itself.
 */
export function managerOf(
  caller: Principal,
  state: ConversationState,
  concerned?: Pick<Participant, 'id' | 'kind'>,
): Principal {
  const self = state.participants.get(caller.id);
  if (!actsForServer(caller) || self?.role === 'owner' || self?.role === 'admin') return caller;
  const [first] = state.participants.values();
  const manager = oneWith(state, 'owner') ?? oneWith(state, 'admin') ?? concerned ?? self ?? first;
  return manager === undefined ? caller : { ...caller, id: manager.id, kind: manager.kind };
}

/** Conversations of two that other APIs make belong to both alike: no service manages them. */
export function refuseUnmanaged(caller: Principal, state: ConversationState): Problem | null {
  if (!actsForServer(caller) || !isUnmanaged(state)) return null;
  return new Problem(
    'forbidden',
    'Nobody manages this channel: it belongs to those who take part in it alike',
    {
      reason: 'not_a_manager',
    },
  );
}

export function isUnmanaged(state: ConversationState): boolean {
  return oneWith(state, 'owner') === undefined && oneWith(state, 'admin') === undefined;
}

function oneWith({ participants }: ConversationState, role: Participant['role']): Participant | undefined {
  for (const one of participants.values()) if (one.role === role) return one;
  return undefined;
}
