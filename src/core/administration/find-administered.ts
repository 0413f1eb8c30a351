/** Finds the conversation that an administrator names: only they name one without its tenant. */
import type { ConversationRef } from '../../domain/event.ts';
import type { ConversationId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { AdministratorRequest } from '../../ports/conversations/conversation-administration.ts';
import type { Bus } from '../bus.ts';
import { filterOf, refuseOthers } from './may-administer.ts';
import type { FindTenant } from './tenant-of-conversation.ts';

export interface Administered {
  readonly ref: ConversationRef;
  /** Confirmed at the leader. */
  readonly state: ConversationState;
}

export type FindAdministered = (
  request: AdministratorRequest,
  id: ConversationId,
) => Promise<Administered | Problem>;

interface Deps {
  readonly bus: Pick<Bus, 'stateOf'>;
  readonly findTenant: FindTenant;
}

export function openFindAdministered({ bus, findTenant }: Deps): FindAdministered {
  return async (request, id) => {
    const refused = refuseOthers(request);
    if (refused !== null) return refused;
    const tenant = filterOf(request).tenant ?? (await findTenant(id));
    if (tenant === null) return new Problem('not_found');
    if (tenant instanceof Problem) return tenant;
    const found = await bus.stateOf(tenant, id);
    if (found instanceof Problem) return found;
    const isThere = found !== null && (request.env === null || request.env === found.state.env);
    return isThere ? found : new Problem('not_found');
  };
}
