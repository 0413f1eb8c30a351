import type { Problem } from '../../domain/problem.ts';
import type { DeploymentKeyStore } from '../../ports/sealing/deployment-key-store.ts';
import type { Pool, Sql } from './pool.ts';

/** The DeploymentKeyStore port: the table deployment_keys. */
export function openDeploymentKeys(pool: Pool): DeploymentKeyStore {
  const keyOf = async (sql: Sql, purpose: string, other: string): Promise<string> => {
    const [row] = await sql<{ key: string }[]>`select key from deployment_keys where purpose = ${purpose}`;
    return row?.key ?? other;
  };
  return {
    firstOr: (purpose, key) =>
      pool.answering(async (sql) => {
        await sql`insert into deployment_keys (purpose, key) values (${purpose}, ${key}) on conflict do nothing`;
        return await keyOf(sql, purpose, key);
      }),
    replace: (purpose, former, key): Promise<string | Problem> =>
      pool.answering(async (sql) => {
        await sql`update deployment_keys set key = ${key} where purpose = ${purpose} and key = ${former}`;
        return await keyOf(sql, purpose, key);
      }),
  };
}
