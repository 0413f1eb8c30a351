/** What administrators see of conversations, and their changes. The port says who may. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { Audit } from '../../ports/audit.ts';
import type { ConversationAdministration } from '../../ports/conversations/conversation-administration.ts';
import type {
  ConversationSurvey,
  SurveyedConversation,
} from '../../ports/conversations/conversation-survey.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ReadCursors } from '../../ports/projection/read-cursors.ts';
import type { Bus } from '../bus.ts';
import type { ProjectedNow } from '../projection/projected-now.ts';
import { openAdministeredChanges } from './administered-changes.ts';
import { type Administered, openFindAdministered } from './find-administered.ts';
import { filterOf, refuseOthers } from './may-administer.ts';
import { restrictedEntry, restrictedFields } from './restricted.ts';
import type { SharedCounts } from './shared-counts.ts';
import type { FindTenant } from './tenant-of-conversation.ts';

export interface ConversationAdministrationDeps {
  readonly bus: Pick<Bus, 'dispatch' | 'context' | 'stateOf' | 'historyOf'>;
  readonly survey: ConversationSurvey;
  readonly counts: SharedCounts;
  readonly projected: ProjectedNow;
  readonly findTenant: FindTenant;
  readonly cursors: Pick<ReadCursors, 'readTimes'>;
  readonly directory: Pick<Directory, 'principalsOf'>;
  readonly audit: Audit;
  readonly logger: Logger;
}

export function conversationAdministrationOver(
  deps: ConversationAdministrationDeps,
): ConversationAdministration {
  const { bus, survey, projected } = deps;
  const find = openFindAdministered(deps);

  return {
    ...openAdministeredChanges({ ...deps, find }),

    async page(request, type, bounds) {
      const refused = refuseOthers(request);
      if (refused !== null) return refused;
      await projected.reached();
      const page = await survey.page({ ...filterOf(request), type }, bounds);
      return page instanceof Problem ? page : { ...page, conversations: page.conversations.map(withheld) };
    },

    async counts(request, type) {
      return refuseOthers(request) ?? (await deps.counts({ ...filterOf(request), type }));
    },

    async conversationsOf(request, principal) {
      const refused = refuseOthers(request);
      if (refused !== null) return refused;
      await projected.reached();
      const found = await survey.ofPrincipal(filterOf(request), principal, limits.conversationsListedMax);
      return found instanceof Problem ? found : found.map(withheld);
    },

    async read(request, id) {
      const found = await find(request, id);
      if (found instanceof Problem) return found;
      const { ref, state } = found;
      const entries = await newestEntries(bus, found);
      if (entries instanceof Problem) return entries;
      const readTimes = await deps.cursors.readTimes(ref);
      if (readTimes instanceof Problem) return readTimes;
      const whole = { conversation: surveyedOf(found), state, readTimes, entries };
      // A super admin of another tenant is nobody there, whoever has its id.
      if (ref.tenant === request.by.tenant && state.participants.has(request.by.id)) return whole;
      // Which of the fields are sealed, only the projection knows; they are projected before they are answered.
      const row = await survey.find(ref.tenant, id);
      if (row === null) return new Problem('unavailable');
      if (row instanceof Problem) return row;
      const conversation = restrictedFields(whole.conversation, row.sealed);
      return { ...whole, conversation, entries: entries.map(restrictedEntry) };
    },
  };
}

/** The newest that are not deleted, oldest first. */
async function newestEntries(
  bus: Pick<Bus, 'historyOf'>,
  { ref }: Administered,
): Promise<readonly TimelineEntry[] | Problem> {
  const limit = limits.recentMessagesShown;
  let entries: TimelineEntry[] = [];
  let before: { readonly beforeSeq?: number } = {};
  for (let round = 1; round <= limits.historyRoundsMax; round += 1) {
    const page = await bus.historyOf(ref.tenant, ref.conversation, { ...before, limit, keep: 'newest' });
    if (page === null) return new Problem('not_found');
    if (page instanceof Problem) return page;
    entries = [...page.entries.filter(({ deletedAt }) => deletedAt === null), ...entries];
    const first = page.entries[0]?.event.seq ?? null;
    if (entries.length >= limit || !page.hasMore || first === null) break;
    before = { beforeSeq: first };
  }
  return entries.slice(-limit);
}

function withheld(row: SurveyedConversation): SurveyedConversation {
  return restrictedFields(row, row.sealed);
}

function surveyedOf({ ref, state }: Administered): SurveyedConversation {
  const { type, name, description, metadata, stage, entity, env, createdBy, createdAt, changedAt } = state;
  const { at: updatedAt, position, seq } = state;
  const fields = { type, name, description, metadata, stage, entity, env, createdBy, createdAt, changedAt };
  return { ref, ...fields, updatedAt, position, seq };
}
