/**
 * Connections to PostgreSQL, and the edge where what goes wrong there becomes a Problem. Each pool works
 * as one run-time role (migrations/0003_walls.sql): row level security shows it the rows of its tenant,
 * or the tables of its task, and nothing else, whatever a statement says.
 *
 * Nothing waits for ever: the server ends a statement after `sqlStatementMsMax`; a server that does not
 * even do that (stopped, cut off) is given up by the client, which then starts with fresh connections.
 */
import type { TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Sql, Transaction } from './connections/driver.ts';
import { Lanes } from './connections/lanes.ts';

export type { Sql, Transaction };

/** Sees one tenant at a time: for everything whose tenant is known. */
export type TenantRole = 'parley_requests';
/**
 * Across tenants. `parley_identity`: the identity tables, to find out whose secret it is, and what belongs
 * to no tenant. `parley_projector`: the tables of the projection. `parley_platform`: conversations and their
 * participants, only to read: what the platform's administrators see of all tenants.
 */
export type CommonRole = 'parley_identity' | 'parley_projector' | 'parley_platform';

export interface PoolOptions<Role extends TenantRole | CommonRole> {
  readonly url: string;
  readonly role: Role;
  /** Connections at most. */
  readonly max: number;
  readonly log: Logger;
  /** Where the server ends a statement; default limits.sqlStatementMsMax. */
  readonly statementMs?: number;
}

/** At this moment. */
export interface PoolLoad {
  /** Who waits for a connection: at most limits.sqlWaitingMax. */
  readonly waiting: number;
  /** Connections that somebody works with. */
  readonly inUse: number;
}

/**
 * What both kinds promise. `answering` is for one statement; `transacting` commits all statements or
 * none. Both answer the result of `work`, or `unavailable` when Postgres is away or does not answer in
 * time, `overloaded` when too many wait already, `internal` when it refuses a statement; a thrown Problem
 * is answered, and rolls back. Errors of the program itself are thrown. No driver text leaves.
 */
export interface TenantPool {
  readonly load: PoolLoad;
  answering<T>(tenant: TenantId, work: (sql: Sql) => Promise<T>): Promise<T | Problem>;
  transacting<T>(tenant: TenantId, work: (tx: Transaction) => Promise<T>): Promise<T | Problem>;
  /** Waits shortly for what is running, then ends every connection. */
  close(): Promise<void>;
}

export interface Pool {
  readonly load: PoolLoad;
  answering<T>(work: (sql: Sql) => Promise<T>): Promise<T | Problem>;
  transacting<T>(work: (tx: Transaction) => Promise<T>): Promise<T | Problem>;
  /** Waits shortly for what is running, then ends every connection. */
  close(): Promise<void>;
}

/** Opens a pool; connections are made when they are needed, so this never fails. */
export function openPool(options: PoolOptions<TenantRole>): TenantPool;
export function openPool(options: PoolOptions<CommonRole>): Pool;
export function openPool(options: PoolOptions<TenantRole> | PoolOptions<CommonRole>): TenantPool | Pool {
  const lanes = new Lanes({ statementMs: limits.sqlStatementMsMax, ...options });
  const answering = <T>(tenant: TenantId | null, work: (sql: Sql) => Promise<T>): Promise<T | Problem> =>
    lanes.use({ tenant, isAlone: false }, (lane, use) => lane.answering(use, work));
  const transacting = <T>(
    tenant: TenantId | null,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T | Problem> => lanes.use({ tenant, isAlone: true }, (lane, use) => lane.transacting(use, work));
  const close = (): Promise<void> => lanes.close();
  if (options.role === 'parley_requests') {
    return {
      answering,
      transacting,
      close,
      get load() {
        return lanes.load;
      },
    } satisfies TenantPool;
  }
  return {
    answering: (work) => answering(null, work),
    transacting: (work) => transacting(null, work),
    close,
    get load() {
      return lanes.load;
    },
  } satisfies Pool;
}
