/** A request about one conversation: who asks for which, and its messages. */
import type { RequestContext } from '../../contract/operation.ts';
import type { Bus, ReadMessages } from '../../core/bus.ts';
import type { ConversationId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { V2Deps } from './caller.ts';
import { canonical } from './decode.ts';
import { hidden, noConversation } from './refuse.ts';

export interface Reading {
  /** In the organization of the conversation: a super admin is in conversations of many. */
  readonly caller: Principal;
  readonly id: ConversationId;
  readonly env: string | null;
}

type Request = Pick<RequestContext, 'env'> & {
  readonly principal: Principal;
  readonly params: { readonly conversation_id: string };
};

export async function readingOf(
  { tenantOf }: V2Deps,
  { principal, params, env }: Request,
): Promise<Reading | Problem> {
  const id = canonical(params.conversation_id);
  const tenant = await tenantOf(principal, id);
  if (tenant instanceof Problem) return hidden(tenant);
  return { caller: tenant === principal.tenant ? principal : { ...principal, tenant }, id, env };
}

type Bounds = Omit<Parameters<Bus['messages']>[2], 'env'>;

/** `not_found` for who does not take part: this API has no observers. */
export async function readMessages(
  bus: Bus,
  { caller, id, env }: Reading,
  bounds: Bounds,
): Promise<ReadMessages | Problem> {
  const found = await bus.messages(caller, id, { ...bounds, env });
  if (found instanceof Problem) return hidden(found);
  return found.state.participants.has(caller.id) ? found : noConversation();
}
