/** What every principal may ask about its own tenant: how much there is, and which conversation mirrors a chat. */
import { limits } from '../../domain/limits.ts';
import { isOfService, mayRead } from '../../domain/permissions.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { TenantOverview } from '../../ports/conversations/conversation-administration.ts';
import type { ConversationSurvey } from '../../ports/conversations/conversation-survey.ts';
import type { Bus } from '../bus.ts';
import type { SharedCounts } from './shared-counts.ts';

interface Deps {
  readonly bus: Pick<Bus, 'stateOf'>;
  readonly survey: Pick<ConversationSurvey, 'ofChannel'>;
  readonly counts: SharedCounts;
}

export function tenantOverviewOver({ bus, survey, counts }: Deps): TenantOverview {
  return {
    counts: ({ tenant, service }, env) => counts({ tenant, type: null, env, service }),

    async ofChannel(by, channel, service, env) {
      // Metadata are projected before their author is answered: nobody needs to wait here.
      const refs = await survey.ofChannel(by.tenant, channel, limits.channelMatchesMax);
      if (refs instanceof Problem) return refs;
      for (const ref of refs) {
        if (ref.service !== null && ref.service !== service) continue;
        const found = await bus.stateOf(by.tenant, ref.conversation);
        if (found instanceof Problem) return found;
        if (found !== null && mayFind(found.state, by, env)) return found;
      }
      return null;
    },
  };
}

function mayFind(state: ConversationState, by: Principal, env: string | null): boolean {
  if (mayRead(state, by, env)) return true;
  return by.kind !== 'user' && (env === null || env === state.env) && isOfService(by, state.service);
}
