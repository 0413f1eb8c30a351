/** Finds the conversation that an administrator names: only they name one without its tenant. */
import type { ConversationRef } from '../../domain/event.ts';
import type { ConversationId, TenantId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { AdministratorRequest } from '../../ports/conversation-administration.ts';
import type { ConversationSurvey } from '../../ports/conversation-survey.ts';
import type { Bus } from '../bus.ts';
import type { ProjectedNow } from '../projection/projected-now.ts';
import { filterOf, refuseOthers } from './may-administer.ts';

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
  readonly survey: Pick<ConversationSurvey, 'find'>;
  readonly projected: ProjectedNow;
}

export function openFindAdministered({ bus, survey, projected }: Deps): FindAdministered {
  /** Null: nobody has it. */
  async function tenantWith(id: ConversationId): Promise<TenantId | null | Problem> {
    let row = await survey.find(null, id);
    if (row === null) {
      // A creation is projected before it is answered, unless Postgres was away just then.
      await projected.reached();
      row = await survey.find(null, id);
    }
    return row === null || row instanceof Problem ? row : row.ref.tenant;
  }

  return async (request, id) => {
    const refused = refuseOthers(request);
    if (refused !== null) return refused;
    const tenant = filterOf(request).tenant ?? (await tenantWith(id));
    if (tenant === null) return new Problem('not_found');
    if (tenant instanceof Problem) return tenant;
    const found = await bus.stateOf(tenant, id);
    if (found instanceof Problem) return found;
    const isThere = found !== null && (request.env === null || request.env === found.state.env);
    return isThere ? found : new Problem('not_found');
  };
}
