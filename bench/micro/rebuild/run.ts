/**
 * `node dist/bench/micro/rebuild/run.js [EVENTS [CONVERSATIONS]]`: how many events of a sample log `parley
 * rebuild-projection` projects in a second, everything on this machine, and the processor time that an event takes.
 * 200,000 events in 1,000 conversations, unless said otherwise. With `--cpu-prof DIR` the command leaves a profile there.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { natsBinary } from '../../../src/adapters/embedded/nats-binary.ts';
import { openNatsServer } from '../../../src/adapters/embedded/nats-server.ts';
import { openPostgres } from '../../../src/adapters/embedded/postgres-server.ts';
import {
  newNatsCredentials,
  parseNatsCredentials,
  serverVariables,
} from '../../../src/adapters/jetstream/door/nats-credentials.ts';
import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import { Closers } from '../../kit/closers.ts';
import { cpuMs, endedCpuMs, familyCpuMs } from '../../kit/references/process-usage.ts';
import { repository } from '../../kit/stack.ts';
import { silentLogger } from './silent-logger.ts';
import { storeSample } from './store-sample.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'cpu-prof': { type: 'string' } },
});
const [events = 200_000, conversations = 1_000] = positionals.map(Number);
const closers = new Closers();
try {
  await measure();
} finally {
  await closers.closeAll();
}

async function measure(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-rebuild-'));
  closers.add(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  await chmod(dataDir, 0o711); // PostgreSQL runs as another account where we are root
  const { nats, password } = await startNats(dataDir);
  const postgres = await openPostgres({ dataDir });
  closers.add(() => postgres.close());
  await migrate(postgres.url, silentLogger);
  const url = nats.url.replace('://', `://core:${password}@`);
  await storeSample(url, events, conversations);

  const readers = {
    'parley rebuild-projection': () => endedCpuMs(process.pid),
    PostgreSQL: () => familyCpuMs(postgres.pid),
    'nats-server': () => cpuMs(nats.pid),
  };
  const before = Object.values(readers).map((read) => read() ?? 0);
  const began = performance.now();
  const ownPerSec = await rebuild({ NATS_URL: url, DATABASE_URL: postgres.url });
  const wallSec = (performance.now() - began) / 1_000;
  const perSec = Math.round(events / wallSec);
  console.log(
    `${events} events in ${conversations} conversations: ${ownPerSec} a second, ${perSec} with the start of the command`,
  );
  let totalUs = 0;
  Object.entries(readers).forEach(([name, read], index) => {
    const us = (((read() ?? 0) - (before[index] ?? 0)) * 1_000) / events;
    totalUs += us;
    console.log(`${name.padEnd(26)} ${us.toFixed(1).padStart(6)} microseconds of processor time an event`);
  });
  console.log(
    `${'all'.padEnd(26)} ${totalUs.toFixed(1).padStart(6)}: at most ${Math.round(2e6 / totalUs)} events a second on two cores`,
  );
}

async function startNats(dataDir: string) {
  const credentials = parseNatsCredentials(newNatsCredentials());
  if (credentials === null) throw new Error('these credentials cannot be read back');
  const nats = await openNatsServer({
    binary: await natsBinary(process.env['NATS_SERVER'], join(repository, 'deploy/nats-server.sh')),
    configPath: join(repository, 'nats-server.conf'),
    dataDir,
    port: 0,
    variables: serverVariables(credentials),
  });
  closers.add(() => nats.close());
  return { nats, password: credentials.passwords.core };
}

/** The real command, as deploy/operations.md has it; answers events a second, as it says itself. */
async function rebuild(env: Readonly<Record<string, string>>): Promise<number> {
  const profileDir = values['cpu-prof'];
  const profile = profileDir === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileDir];
  const flags = ['--max-semi-space-size=128', ...profile];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...flags, join(repository, 'dist/src/main.js'), 'rebuild-projection', '--json'],
    {
      env: { PATH: process.env['PATH'], ...env },
      maxBuffer: 2 ** 26,
    },
  );
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { remaining: number; perSec: number });
  const last = lines.at(-1);
  if (last === undefined || last.remaining !== 0) throw new Error('the rebuild did not come to its end');
  return last.perSec;
}
