/** The PersonalStore port on PostgreSQL: the tables blocks and conversation_marks. */
import type { PersonalStore } from '../../../ports/conversations/personal.ts';
import type { TenantPool } from '../pool.ts';
import { deleteBlock, insertBlock, readBlocks } from './blocks.ts';
import { clearArchived, readMark, writeArchived, writeCleared, writeMuted } from './conversation-marks.ts';
import { readClearedSeqs, readUnwanted } from './unwanted.ts';

export function openPersonalStore(pool: TenantPool): PersonalStore {
  return {
    blocks: (tenant, principal) => pool.answering(tenant, (sql) => readBlocks(sql, tenant, principal)),
    block: (tenant, principal, blocked) =>
      pool.transacting(tenant, (tx) => insertBlock(tx, tenant, principal, blocked)),
    unblock: (tenant, principal, blocked) =>
      pool.answering(tenant, (sql) => deleteBlock(sql, tenant, principal, blocked)),
    unwanted: (tenant, principals, clearedAfter) =>
      pool.answering(tenant, (sql) => readUnwanted(sql, tenant, principals, clearedAfter)),
    clearedSeqs: (tenant, principal, conversations) =>
      pool.answering(tenant, (sql) => readClearedSeqs(sql, tenant, principal, conversations)),
    mark: (ref, principal) => pool.answering(ref.tenant, (sql) => readMark(sql, ref, principal)),
    clear: (ref, principal, upToSeq) =>
      pool.answering(ref.tenant, (sql) => writeCleared(sql, ref, principal, upToSeq)),
    mute: (ref, principal, until) =>
      pool.answering(ref.tenant, (sql) => writeMuted(sql, ref, principal, until)),
    archive: (ref, principal) => pool.answering(ref.tenant, (sql) => writeArchived(sql, ref, principal)),
    unarchive: (ref, principal) => pool.answering(ref.tenant, (sql) => clearArchived(sql, ref, principal)),
  };
}
