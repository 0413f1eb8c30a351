/** What `parley doctor` says about PostgreSQL. */
import { pendingMigrations } from '../../../adapters/postgres/migrate.ts';
import {
  type PostgresFacts,
  readPostgresFacts,
  readWebhookFigures,
  type WebhookFigures,
} from '../../../adapters/postgres/server-facts.ts';
import { limits } from '../../../domain/limits.ts';
import type { Logger } from '../../../ports/logger.ts';
import { sentenceOf } from '../../failure.ts';
import { checkClock } from './clock-finding.ts';
import type { Finding } from './finding.ts';
import { checkWalls } from './wall-findings.ts';

/** Older ones are not supported by PostgreSQL itself any more; what Parley is tested on is 17. */
const versionMin = 15;

/** `partitions`: the projector of a process has a connection for each. */
export async function checkPostgres(
  url: string,
  partitions: number,
  log: Logger,
): Promise<readonly Finding[]> {
  const facts = await readPostgresFacts(url).catch(sentenceOf);
  if (typeof facts === 'string') {
    const remedy = 'is DATABASE_URL right, and does PostgreSQL run?';
    return [{ check: 'postgres', status: 'fail', found: facts, remedy }];
  }
  const migrations = await checkMigrations(url);
  const isUpToDate = migrations.status === 'ok';
  return [
    serverFinding(facts),
    ...durabilityFinding(facts),
    connectionsFinding(facts, partitions),
    migrations,
    // The roles and the tables come with the schema.
    ...(isUpToDate ? [await checkWalls(url, log), webhooksFinding(await readWebhookFigures(url))] : []),
    ...checkClock('postgres clock', facts.clockAheadMs),
  ];
}

export function serverFinding({ version, versionMajor, isReadOnly, encoding }: PostgresFacts): Finding {
  const check = 'postgres';
  const found = `PostgreSQL ${version}`;
  if (isReadOnly) {
    const remedy = 'DATABASE_URL must lead to the primary server';
    return { check, status: 'fail', found: `${found}, which takes no writes`, remedy };
  }
  if (encoding !== 'UTF8') {
    const remedy = `make the database anew: create database … encoding 'UTF8' template template0`;
    return { check, status: 'fail', found: `${found}, a database in ${encoding}`, remedy };
  }
  if (versionMajor >= versionMin) return { check, status: 'ok', found };
  return { check, status: 'warn', found, remedy: `install ${versionMin} or newer; 17 is what is tested` };
}

/** Nothing, where what is committed is on the disk. */
export function durabilityFinding({ unsafeSettings }: PostgresFacts): readonly Finding[] {
  if (unsafeSettings.length === 0) return [];
  const found = `off: ${unsafeSettings.join(', ')}; a power failure loses accounts and keys that were acknowledged`;
  const remedy = 'switch them on (postgresql.conf), and restart PostgreSQL';
  return [{ check: 'postgres durability', status: 'warn', found, remedy }];
}

/** Connections of one process of a node at most, with all its pools. */
export function connectionsOfProcess(partitions: number): number {
  const { sqlRequestConnectionsMax: requests, sqlIdentityConnectionsMax: identity } = limits;
  return requests + identity + 2 * limits.sqlSurveyConnectionsMax + partitions;
}

export function connectionsFinding(facts: PostgresFacts, partitions: number): Finding {
  const check = 'postgres connections';
  const each = connectionsOfProcess(partitions);
  const { connectionsMax: max, connectionsOpen: open, connectionsOfNodes: ofNodes } = facts;
  const found = `${open} of ${max} are open, ${ofNodes} of them by nodes; a process takes up to ${each}`;
  const isShort = max - open < Math.min(each, max);
  if (max >= each && !isShort) return { check, status: 'ok', found };
  const remedy = `max_connections: ${each} for each process of each node (each worker is one), and some for you`;
  return { check, status: max < each ? 'fail' : 'warn', found, remedy };
}

export function webhooksFinding({ deadLetters, disabled }: WebhookFigures): Finding {
  const check = 'webhooks';
  const found = `${deadLetters} dead letters, ${disabled} disabled endpoints`;
  if (deadLetters === 0 && disabled === 0) return { check, status: 'ok', found };
  const remedy =
    'their owners see why in GET /v1/webhooks, mend the endpoint and redeliver (operations.md#webhooks)';
  return { check, status: 'warn', found, remedy };
}

async function checkMigrations(url: string): Promise<Finding> {
  const check = 'migrations';
  try {
    const pending = await pendingMigrations(url);
    if (pending.length === 0) return { check, status: 'ok', found: 'all have run' };
    const remedy = '`parley migrate`, or the next start of a node, runs them';
    return { check, status: 'warn', found: `pending: ${pending.join(' ')}`, remedy };
  } catch (error) {
    const remedy = 'may this role read its own database?';
    return { check, status: 'fail', found: sentenceOf(error), remedy };
  }
}
