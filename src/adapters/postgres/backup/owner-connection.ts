import postgres from 'postgres';
import { limits } from '../../../domain/limits.ts';
import { databaseAddress } from '../connections/address.ts';

export type OwnerConnection = postgres.Sql;
export type OwnerTransaction = postgres.TransactionSql;

/** One connection as the account of the URL, the owner of the schema, whose statements may take as long as they do. */
export async function asOwner<T>(url: string, work: (sql: OwnerConnection) => Promise<T>): Promise<T> {
  const address = databaseAddress(url);
  const sql = postgres(address.url, {
    ssl: address.ssl,
    max: 1,
    connect_timeout: limits.sqlConnectMsMax / 1000,
    onnotice: () => undefined,
    connection: { application_name: 'parley backup', statement_timeout: 0 },
  });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
