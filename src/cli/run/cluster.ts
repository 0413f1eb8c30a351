/** `parley cluster`: three nats-servers, PostgreSQL and several nodes of several workers on one machine (`make cluster`). */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { keptMasterKey } from '../../adapters/embedded/master-key.ts';
import { claim } from '../../adapters/embedded/pid-file.ts';
import { openReleases, type Releases } from '../../compose/releases.ts';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../ports/logger.ts';
import { writeDevFile } from '../dev-file.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { makeDirectory } from '../make-directory.ts';
import { note, print } from '../output.ts';
import { readConfig } from '../read-config.ts';
import { wholeNumber } from '../talk/option-values.ts';
import { callingOf } from './calling.ts';
import { openEnd } from './cluster/end.ts';
import { endNodeOrphan } from './cluster/node-process.ts';
import { startNodes } from './cluster/nodes.ts';
import { openRevival, type Revival } from './cluster/revival.ts';
import { type ClusterServers, openClusterServers } from './cluster/servers.ts';
import { clusterWelcome } from './cluster/welcome.ts';
import { openConsoleLogger } from './console-logger.ts';
import { type Administrator, devAdministrator } from './dev-administrator.ts';
import { type ListenOptions, listenOptionsOf, withListenOptions } from './listen-options.ts';
import { listenForStop } from './stop-signals.ts';
import { workersMax } from './workers.ts';

type ClusterOptions = ListenOptions & { readonly nodes: number; readonly workers: number };

const nodesMax = 16;
/** Not that of `make run`: both may be there side by side. */
const defaultDataDir = './.data/cluster';

export function clusterCommand(): Command {
  const command = new Command('cluster').description(
    'run three nats-servers, PostgreSQL and several nodes on this machine, to see a cluster work',
  );
  withListenOptions(command)
    .option('--nodes <n>', `nodes, each on the next free port, 1 to ${nodesMax}`, counted(nodesMax), 2)
    .option('--workers <n>', `processes of each node, 1 to ${workersMax}`, counted(workersMax), 2)
    .action((options: ClusterOptions) => cluster(options));
  return explain(command, {
    notes: [
      `Three replicas of everything; what dies is told of and started again. Data are kept in ${defaultDataDir} unless --data-dir or DATA_DIR says otherwise.`,
    ],
    examples: [
      ['cluster', 'two nodes of two processes on :3000 and :3001'],
      ['cluster --nodes 3 --workers 1', 'three nodes of one process'],
      ['doctor', 'with DATA_DIR=./.data/cluster: who leads what'],
    ],
  });
}

function counted(most: number): (text: string) => number {
  return (text) => wholeNumber(text, 1, most);
}

async function cluster(options: ClusterOptions): Promise<void> {
  const env = { DATA_DIR: defaultDataDir, ...withoutEmpty(process.env), ...listenOptionsOf(options) };
  const config = readConfig(env, 'dev');
  if (config.natsUrl !== null)
    throw new Failure('unset NATS_URL: `parley cluster` runs its own nats-servers');
  const logger = openConsoleLogger(config);
  const stop = listenForStop();
  const releases = openReleases(logger);
  try {
    const running = await start(config, options, { logger, releases, isEnding: () => stop.isAsked });
    await Promise.race([stop.asked, running.ended]);
  } finally {
    note('parley: ending the nodes, then the servers');
    stop.request(); // whatever ends from now on is not started again
    await releases.close();
    stop.release();
  }
}

interface Parts {
  readonly logger: Logger;
  readonly releases: Releases;
  readonly isEnding: () => boolean;
}

/**
 * Resolves when all nodes are ready. `ended`: no node is left (resolves), or a child does not stay up (rejects). It
 * comes inside of an object, because an async function that returned it would wait for it.
 */
async function start(
  config: Config,
  { nodes: nodeCount, workers }: ClusterOptions,
  { logger, releases, isEnding }: Parts,
): Promise<{ ended: Promise<void> }> {
  await makeDirectory(config.dataDir);
  const dataDir = await realpath(config.dataDir); // one name for it: what is printed is pasted somewhere else
  releases.add('claim', await claim(join(dataDir, 'owner')));
  const names = Array.from({ length: nodeCount }, (_, index) => `node-${index + 1}`);
  await endOrphans(dataDir);
  const { adminEmail: email, adminPassword: password } = config;
  const administrator = await devAdministrator(dataDir, { email, password });
  const end = openEnd();
  const reviving = (name: string): Revival => openRevival({ name, say, isEnding, onGivenUp: end.fail });
  const servers = await openClusterServers(config, dataDir, logger, releases, reviving);
  const env = await nodeEnvironment(config, dataDir, servers, administrator);
  const nodes = await startNodes(names, { config, dataDir, env, workers, reviving, end, releases });
  const [first] = nodes;
  const { nats, natsCreds, databaseUrl, postgres } = servers;
  const login = { email: administrator.email, password: administrator.password };
  const removeFile = await writeDevFile(dataDir, {
    ...{ url: first?.url ?? '', ...login, natsUrl: nats.url, natsCreds, databaseUrl },
  });
  releases.add('cli.json', removeFile);
  const natsServers = nats.servers;
  const calling = callingOf();
  print(clusterWelcome({ nodes, workers, natsServers, postgres, dataDir, administrator, calling }));
  return { ended: end.ended };
}

/** However many nodes there were then. */
async function endOrphans(dataDir: string): Promise<void> {
  const names = Array.from({ length: nodesMax }, (_, index) => `node-${index + 1}`);
  for (const name of names) {
    const pid = await endNodeOrphan(dataDir, name);
    if (pid !== undefined) say(`ended ${name} of a cluster that was killed (pid ${pid})`);
  }
}

/** The same for all nodes: one key, one administrator, all servers. What is set for this process counts for them, too. */
async function nodeEnvironment(
  config: Config,
  dataDir: string,
  { nats, natsCreds, databaseUrl }: ClusterServers,
  { email, password }: Administrator,
): Promise<NodeJS.ProcessEnv> {
  return {
    ...{ PARLEY_REPLICAS: '3', PARLEY_CORS_ORIGINS: '*' },
    ...withoutEmpty(process.env),
    ...{ NATS_URL: nats.url, NATS_CREDS: natsCreds, DATABASE_URL: databaseUrl },
    ...{ PARLEY_ADMIN_EMAIL: email, PARLEY_ADMIN_PASSWORD: password },
    PARLEY_MASTER_KEY: config.masterKey ?? (await keptMasterKey(dataDir)),
  };
}

function say(line: string): void {
  note(`parley: ${line}`);
}

/** An empty variable counts as unset, as Compose files write it. */
function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}
