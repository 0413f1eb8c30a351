/** The checks of `parley doctor`, one function each: what it found, and what to do about it. */
import { cpus } from 'node:os';
import { openNats } from '../../../adapters/jetstream/connections/connection.ts';
import { type NatsFacts, readNatsFacts } from '../../../adapters/jetstream/connections/server-facts.ts';
import { countAnswering, readNatsCredentials } from '../../../adapters/jetstream/door/open-door.ts';
import { readStreamStates } from '../../../adapters/jetstream/streams/stream-states.ts';
import { pendingMigrations } from '../../../adapters/postgres/migrate.ts';
import { readPostgresFacts } from '../../../adapters/postgres/server-facts.ts';
import type { Logger } from '../../../ports/logger.ts';
import { sentenceOf } from '../../failure.ts';
import { clusterFindings } from './cluster-finding.ts';
import { checkDurability } from './durability-finding.ts';
import type { Finding } from './finding.ts';
import { checkWalls } from './wall-findings.ts';

/** Parley tells time in microseconds, but people notice seconds; tokens allow five. */
const clockAheadMsMax = 1_000;
/** One socket is one file: below this a node cannot hold the thousands it is made for. */
const openFilesMin = 65_536;
const payloadBytesMin = 2_000_000;

export function checkRuntime(): readonly Finding[] {
  const version = process.versions.node;
  const isSupported = ['20', '22'].includes(version.split('.')[0] ?? '');
  const node: Finding = isSupported
    ? { check: 'node', status: 'ok', found: `${version} on ${cpus().length} CPUs` }
    : { check: 'node', status: 'broken', found: version, remedy: 'install Node 20 or 22' };
  return [node, checkOpenFiles()];
}

function checkOpenFiles(): Finding {
  const check = 'open files';
  const report = process.report?.getReport() as
    | { userLimits?: { open_files?: { soft?: unknown } } }
    | undefined;
  const soft = report?.userLimits?.open_files?.soft;
  if (soft === 'unlimited') return { check, status: 'ok', found: 'unlimited' };
  if (typeof soft !== 'number')
    return { check, status: 'advice', found: 'unknown', remedy: 'see `ulimit -n`' };
  if (soft >= openFilesMin) return { check, status: 'ok', found: String(soft) };
  const remedy = `one socket is one file: raise it (ulimit -n ${openFilesMin}, or LimitNOFILE= of systemd)`;
  return { check, status: 'advice', found: String(soft), remedy };
}

export async function checkNats(
  url: string,
  credsFile: string | undefined,
  log: Logger,
): Promise<readonly Finding[]> {
  const nats = await openNats({
    url,
    name: 'parley doctor',
    log,
    ...(credsFile === undefined ? {} : { credsFile }),
  }).catch(sentenceOf);
  if (typeof nats === 'string') {
    return [
      {
        check: 'nats',
        status: 'broken',
        found: nats,
        remedy: 'is NATS_URL right, and does nats-server run?',
      },
    ];
  }
  try {
    const facts = await readNatsFacts(nats);
    const durability = await checkDurability({ url, credsFile, log, replicas: facts.replicas });
    const cluster = clusterFindings(await readStreamStates(nats));
    return [...natsFindings(facts), ...cluster, durability, await checkDoor(url, credsFile, log)];
  } finally {
    await nats.close();
  }
}

/** Is there a callout, and who answers it? Only the connections of the server tell. */
async function checkDoor(url: string, credsFile: string | undefined, log: Logger): Promise<Finding> {
  const check = 'nats for services';
  if (credsFile === undefined || readNatsCredentials(credsFile) === null) {
    const found = 'off: NATS_CREDS holds no credentials of Parley';
    return {
      check,
      status: 'advice',
      found,
      remedy: '`parley admin nats-credentials --out FILE` makes them',
    };
  }
  try {
    const { answering } = await countAnswering({ url, credsFile, name: 'parley doctor', log });
    if (answering > 0) return { check, status: 'ok', found: `callouts are answered by ${answering} node(s)` };
    return {
      check,
      status: 'advice',
      found: 'no node answers callouts',
      remedy: 'start one with these NATS_CREDS',
    };
  } catch (error) {
    const remedy = 'run nats-server with nats-server.conf and the variables of these credentials';
    return { check, status: 'broken', found: sentenceOf(error), remedy };
  }
}

function natsFindings(facts: NatsFacts): readonly Finding[] {
  const version: Finding = facts.isNewEnough
    ? { check: 'nats', status: 'ok', found: `nats-server ${facts.version}` }
    : {
        check: 'nats',
        status: 'broken',
        found: `nats-server ${facts.version}`,
        remedy: `Parley needs ${facts.versionMin} or newer: deploy/nats-server.sh provides one`,
      };
  if (!facts.hasJetStream) {
    const remedy =
      "start it with the repository's nats-server.conf, and give the user an account with JetStream";
    return [version, { check: 'jetstream', status: 'broken', found: 'not enabled for this user', remedy }];
  }
  const jetstream: Finding = { check: 'jetstream', status: 'ok', found: 'enabled' };
  const streams: Finding =
    facts.streams.length === 0
      ? { check: 'streams', status: 'advice', found: 'none', remedy: 'the first start of a node makes them' }
      : { check: 'streams', status: 'ok', found: facts.streams.join(' ') };
  return [version, jetstream, streams, checkPayload(facts), ...checkClock('nats clock', facts.clockAheadMs)];
}

function checkPayload({ payloadBytesMax }: NatsFacts): Finding {
  const [check, found] = ['nats max_payload', `${payloadBytesMax} bytes`];
  if (payloadBytesMax >= payloadBytesMin) return { check, status: 'ok', found };
  const remedy = `big messages and deletions need ${payloadBytesMin}: set max_payload as nats-server.conf does`;
  return { check, status: 'broken', found, remedy };
}

export async function checkPostgres(url: string, log: Logger): Promise<readonly Finding[]> {
  const facts = await readPostgresFacts(url).catch(sentenceOf);
  if (typeof facts === 'string') {
    const remedy = 'is DATABASE_URL right, and does PostgreSQL run?';
    return [{ check: 'postgres', status: 'broken', found: facts, remedy }];
  }
  const version: Finding = { check: 'postgres', status: 'ok', found: `PostgreSQL ${facts.version}` };
  const migrations = await checkMigrations(url);
  // The roles come with the schema.
  const walls = migrations.status === 'ok' ? [await checkWalls(url, log)] : [];
  return [version, migrations, ...walls, ...checkClock('postgres clock', facts.clockAheadMs)];
}

async function checkMigrations(url: string): Promise<Finding> {
  const check = 'migrations';
  try {
    const pending = await pendingMigrations(url);
    if (pending.length === 0) return { check, status: 'ok', found: 'all have run' };
    const remedy = '`parley migrate`, or the next start of a node, runs them';
    return { check, status: 'advice', found: `pending: ${pending.join(' ')}`, remedy };
  } catch (error) {
    return {
      check,
      status: 'broken',
      found: sentenceOf(error),
      remedy: 'may this role read its own database?',
    };
  }
}

function checkClock(check: string, aheadMs: number | null): readonly Finding[] {
  if (aheadMs === null) return [];
  const found = `${Math.abs(aheadMs)} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine`;
  if (Math.abs(aheadMs) <= clockAheadMsMax) return [{ check, status: 'ok', found }];
  return [{ check, status: 'advice', found, remedy: 'run NTP on both machines' }];
}
