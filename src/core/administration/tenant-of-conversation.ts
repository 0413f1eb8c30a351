/** In which tenant a conversation is: super admins name one without its tenant. */
import type { ConversationId, TenantId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import type { TenantOfConversation } from '../../ports/conversations/conversation-administration.ts';
import type { ConversationSurvey } from '../../ports/conversations/conversation-survey.ts';
import type { ProjectedNow } from '../projection/projected-now.ts';

export type FindTenant = (conversation: ConversationId) => Promise<TenantId | null | Problem>;

interface Deps {
  readonly survey: Pick<ConversationSurvey, 'find'>;
  readonly projected: ProjectedNow;
}

/** Over all tenants; null: nobody has it. */
export function openFindTenant({ survey, projected }: Deps): FindTenant {
  return async (id) => {
    let row = await survey.find(null, id);
    if (row === null) {
      // A creation is projected before it is answered, unless Postgres was away just then.
      await projected.reached();
      row = await survey.find(null, id);
    }
    return row === null || row instanceof Problem ? row : row.ref.tenant;
  };
}

export function tenantOfConversationBy(find: FindTenant): TenantOfConversation {
  return async (by, id) => {
    if (!by.superAdmin) return by.tenant;
    return (await find(id)) ?? new Problem('not_found');
  };
}
