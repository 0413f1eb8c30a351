/** What `parley doctor` says about row level security: would each role see only what it may? */
import { openPool } from '../../../adapters/postgres/pool.ts';
import { findGaps } from '../../../adapters/postgres/walls.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Finding } from './finding.ts';

/** One finding for all run-time roles. Asked of a schema that is up to date. */
export async function checkWalls(url: string, log: Logger): Promise<Finding> {
  const check = 'tenant walls';
  const gaps = new Set<string>();
  for (const gap of await gapsOfRequests(url, log)) gaps.add(gap);
  for (const role of ['parley_identity', 'parley_projector', 'parley_platform'] as const) {
    const pool = openPool({ url, role, max: 1, log });
    for (const gap of sentences(role, await findGaps(role, pool.answering))) gaps.add(gap);
    await pool.close();
  }
  if (gaps.size === 0)
    return { check, status: 'ok', found: 'row level security holds for all run-time roles' };
  const remedy = 'nodes refuse to start: connect to PostgreSQL directly, as the owner of the schema';
  return { check, status: 'fail', found: [...gaps].join('; '), remedy };
}

async function gapsOfRequests(url: string, log: Logger): Promise<readonly string[]> {
  const role = 'parley_requests';
  const pool = openPool({ url, role, max: 1, log });
  const gaps = await findGaps(role, (work) => pool.answering('', work));
  await pool.close();
  return sentences(role, gaps);
}

function sentences(role: string, gaps: readonly string[] | Problem): readonly string[] {
  return gaps instanceof Problem ? [`no connection may work as ${role} (${gaps.code})`] : gaps;
}
