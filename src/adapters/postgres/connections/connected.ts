import pg from 'pg';
import { limits } from '../../../domain/limits.ts';
import { databaseAddress } from './address.ts';

/**
 * Runs `work` on one connection of its own, as the account of the URL: the owner of the schema, whom no
 * row level security binds. Only for what an operator does. Rejects when Postgres is away.
 */
export async function connected<T>(
  url: string,
  name: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const address = databaseAddress(url);
  const client = new pg.Client({
    connectionString: address.url,
    ssl: address.ssl,
    connectionTimeoutMillis: limits.sqlConnectMsMax,
    application_name: name,
  });
  // A lost connection rejects the query in hand; without a listener it would end the process, too.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
