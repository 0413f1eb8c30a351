/** The owner of a test's schema, whom no wall binds: prepares and looks at what Parley may not. */
import postgres from 'postgres';
import type { Teardown } from '../temporary.ts';

/** Big integers are numbers, as in the pools. Ended with the test. `connection`: startup parameters. */
export function openOwner(t: Teardown, url: string, connection: Readonly<Record<string, string>> = {}) {
  const sql = postgres(url, {
    max: 4,
    connection,
    onnotice: () => undefined,
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
  });
  t.teardown(() => sql.end({ timeout: 1 }));
  return sql;
}

export type Owner = ReturnType<typeof openOwner>;
