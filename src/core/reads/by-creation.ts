/**
 * A principal's conversations by their creation, each with its newest messages: three statements for each tenant on
 * the page, which is one but for super admins. What this node has in memory is put on top, as in listed-now.ts.
 */
import type { ConversationRef } from '../../domain/event.ts';
import type { TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import { applyToTimeline } from '../../domain/timeline.ts';
import type {
  ConversationSurvey,
  SurveyedConversation,
} from '../../ports/conversations/conversation-survey.ts';
import type {
  NewestMessages,
  NewestQuery,
  ProjectionReader,
} from '../../ports/projection/projection-reader.ts';
import type { ReadCursors } from '../../ports/projection/read-cursors.ts';
import type { ByCreationQuery, ConversationByCreation } from '../bus.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import { openFields } from '../sealing/sealed-fields.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { shownMessage } from './messages-from-end.ts';

interface Deps {
  readonly cache: ConversationCache;
  readonly survey: Pick<ConversationSurvey, 'byCreation'>;
  readonly reader: Pick<ProjectionReader, 'newest'>;
  readonly cursors: Pick<ReadCursors, 'slowest'>;
  readonly sealer: Sealer;
}

export interface Creations {
  page(principal: Principal, query: ByCreationQuery): Promise<readonly ConversationByCreation[] | Problem>;
}

export function openCreations(deps: Deps): Creations {
  const { cache, survey, sealer } = deps;

  /** A survey leaves sealed what is sealed; here a participant asks. */
  async function openAll(rows: readonly SurveyedConversation[]): Promise<SurveyedConversation[] | Problem> {
    const opened: SurveyedConversation[] = [];
    for (const { sealed, ...row } of rows) {
      const one = await openFields(sealer, row.ref, row, sealed);
      if (one instanceof Problem) return one;
      opened.push(one);
    }
    return opened;
  }

  async function withMessages(
    rows: readonly SurveyedConversation[],
    query: NewestQuery,
  ): Promise<ConversationByCreation[] | Problem> {
    const refs = rows.map(({ ref }) => ref);
    const [found, readers] = await Promise.all([deps.reader.newest(refs, query), deps.cursors.slowest(refs)]);
    if (found instanceof Problem) return found;
    if (readers instanceof Problem) return readers;
    return rows.map((row) => ({
      conversation: present(cache, row),
      newest: newestNow(cache, row.ref, found.get(row.ref.conversation) ?? none, query),
      readers: readers.get(row.ref.conversation) ?? null,
    }));
  }

  return {
    async page(principal, { entity, offset, limit, env, isEverywhere }) {
      const tenant = isEverywhere && principal.superAdmin ? null : principal.tenant;
      const filter = { tenant, type: null, env, service: principal.service };
      const stored = await survey.byCreation(filter, principal.id, { entity, offset, limit });
      if (stored instanceof Problem) return stored;
      const rows = await openAll(stored);
      if (rows instanceof Problem) return rows;
      const shares = sharesOf(rows);
      const query = {
        limit: limits.messagesOfListedMax,
        bytesMax: Math.floor(limits.embeddedBytesMax / Math.max(shares.size, 1)),
        isForPerson: principal.kind === 'user',
      };
      const found = new Map<string, ConversationByCreation>();
      for (const share of shares.values()) {
        const listed = await withMessages(share, query);
        if (listed instanceof Problem) return listed;
        for (const one of listed) found.set(keyOf(one.conversation.ref), one);
      }
      return rows.flatMap(({ ref }) => found.get(keyOf(ref)) ?? []);
    },
  };
}

const none: NewestMessages = { entries: [], hasMore: false, at: { position: 0, logSeq: 0 } };

const keyOf = ({ tenant, conversation }: ConversationRef): string => `${tenant} ${conversation}`;

/** By tenant: one connection knows one. */
function sharesOf(rows: readonly SurveyedConversation[]): Map<TenantId, SurveyedConversation[]> {
  const shares = new Map<TenantId, SurveyedConversation[]>();
  for (const row of rows) {
    const share = shares.get(row.ref.tenant);
    if (share === undefined) shares.set(row.ref.tenant, [row]);
    else share.push(row);
  }
  return shares;
}

function present(cache: ConversationCache, row: SurveyedConversation): SurveyedConversation {
  const loaded = cache.fresh(row.ref.tenant, row.ref.conversation);
  if (loaded === null || loaded.state.status !== 'open' || loaded.state.position <= row.position) return row;
  const { name, description, metadata, stage, changedAt, position, seq, at: updatedAt } = loaded.state;
  return { ...row, name, description, metadata, stage, changedAt, position, seq, updatedAt };
}

/** With what memory has beyond the projection; without a log to read, since a page may have a hundred of them. */
function newestNow(
  cache: ConversationCache,
  { tenant, conversation }: ConversationRef,
  found: NewestMessages,
  { limit, isForPerson }: NewestQuery,
): Pick<NewestMessages, 'entries' | 'hasMore'> {
  const loaded = cache.fresh(tenant, conversation);
  const isBehind = loaded !== null && loaded.state.position > found.at.position;
  if (!isBehind || !loaded.tailCovers(found.at.position)) return found;
  const entries = [...found.entries];
  for (const logged of loaded.tail) {
    if (logged.event.position > found.at.position) applyToTimeline(entries, logged);
  }
  const seen = entries.filter((entry) => shownMessage(entry, isForPerson) !== null);
  return { entries: seen.slice(-limit), hasMore: found.hasMore || seen.length > limit };
}
