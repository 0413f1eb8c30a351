/** The ProjectionReader port on PostgreSQL. Each method is one statement: what it answers is of one moment. */
import type { ConversationRef } from '../../domain/event.ts';
import type { ConversationId } from '../../domain/ids.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { TenantPool } from './pool.ts';
import { findMessage } from './projection/read/find-message.ts';
import { listConversations } from './projection/read/lists/list-conversations.ts';
import { listRefs } from './projection/read/lists/list-refs.ts';
import { listWithAgents } from './projection/read/lists/list-with-agents.ts';
import { logSeqAt } from './projection/read/log-seq-at.ts';
import { readChanges } from './projection/read/read-changes.ts';
import { readEntries } from './projection/read/read-entries.ts';
import { readEarlierPost, readEntry } from './projection/read/read-entry.ts';
import { readInbox } from './projection/read/read-inbox.ts';
import { readNewest } from './projection/read/read-newest.ts';
import { readSnapshot } from './projection/read/read-snapshot.ts';
import { readVersions } from './projection/read/read-versions.ts';
import { wasDeleted } from './projection/read/was-deleted.ts';

export function openProjectionReader(pool: TenantPool): ProjectionReader {
  return {
    snapshot: (tenant, conversation, recent) =>
      pool.answering(tenant, (sql) => readSnapshot(sql, tenant, conversation, recent)),
    entries: (ref, range) => pool.answering(ref.tenant, (sql) => readEntries(sql, ref, range)),
    newest: (refs, query) =>
      pool.answering(refs[0]?.tenant ?? '', (sql) =>
        readNewest(sql, refs[0]?.tenant ?? '', idsOf(refs), query),
      ),
    changes: (ref, range) => pool.answering(ref.tenant, (sql) => readChanges(sql, ref, range)),
    entry: (ref, message) => pool.answering(ref.tenant, (sql) => readEntry(sql, ref, message)),
    earlierPost: (ref, by) => pool.answering(ref.tenant, (sql) => readEarlierPost(sql, ref, by)),
    conversationOf: (tenant, principal, message) =>
      pool.answering(tenant, (sql) => findMessage(sql, tenant, principal, message)),
    wasDeleted: (tenant, principal, conversation) =>
      pool.answering(tenant, (sql) => wasDeleted(sql, tenant, principal, conversation)),
    versions: (ref, messages) => pool.answering(ref.tenant, (sql) => readVersions(sql, ref, messages)),
    logSeqAt: (ref, position) => pool.answering(ref.tenant, (sql) => logSeqAt(sql, ref, position)),
    list: (tenant, principal, query) =>
      pool.answering(tenant, (sql) => listConversations(sql, tenant, principal, query)),
    inbox: (tenant, principal, query) =>
      pool.answering(tenant, (sql) => readInbox(sql, tenant, principal, query)),
    withAgents: (tenant, principal, query) =>
      pool.answering(tenant, (sql) => listWithAgents(sql, tenant, principal, query)),
    refsOf: (tenant, principal, limit) =>
      pool.answering(tenant, (sql) => listRefs(sql, tenant, principal, limit)),
  };
}

function idsOf(refs: readonly ConversationRef[]): readonly ConversationId[] {
  return refs.map(({ conversation }) => conversation);
}
