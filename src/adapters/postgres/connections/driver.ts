/** The driver as Parley uses it: one client is one connection. */
import postgres from 'postgres';
import { limits } from '../../../domain/limits.ts';
import type { Logger } from '../../../ports/logger.ts';
import { databaseAddress } from './address.ts';
import { arrayTypes } from './array-types.ts';

/** bigint columns are JavaScript numbers: all of ours are below 2^53. */
type Types = { bigint: number };
export type Client = postgres.Sql<Types>;
/** Runs single statements. */
export type Sql = postgres.ISql<Types>;
/** Runs the statements of one transaction. */
export type Transaction = postgres.TransactionSql<Types>;

export interface ConnectionOptions {
  readonly url: string;
  readonly role: string;
  readonly log: Logger;
  /** Where the server ends a statement. */
  readonly statementMs: number;
}

/** A client with one connection, made when it is needed. `onclose` hears when that ended or was refused. */
export function connect({ url, role, log, statementMs }: ConnectionOptions, onclose: () => void): Client {
  const address = databaseAddress(url);
  return postgres(address.url, {
    ssl: address.ssl,
    max: 1,
    connect_timeout: limits.sqlConnectMsMax / 1000,
    backoff: () => limits.sqlReconnectMs / 1000,
    // Not between the tenant and its statement; the default is to connect anew after half an hour or more.
    max_lifetime: null,
    prepare: true,
    onclose,
    onnotice: ({ code }) => log.debug({ sql_state: code }, 'notice of PostgreSQL'),
    connection: {
      application_name: 'parley',
      // As a parameter of the connection, so that RESET ROLE leads back to it.
      role,
      statement_timeout: statementMs,
      // A node that stops in the middle of a transaction must not keep its locks.
      idle_in_transaction_session_timeout: limits.sqlStatementMsMax,
    },
    fetch_types: false,
    types: { ...arrayTypes, bigint: { to: 20, from: [20], serialize: String, parse: Number } },
  });
}
