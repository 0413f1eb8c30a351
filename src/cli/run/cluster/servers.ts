/** The servers of `parley cluster`: three nats-servers and PostgreSQL (or that of DATABASE_URL), each started again when it dies. */
import { resolve } from 'node:path';
import { keptSecret } from '../../../adapters/embedded/credentials.ts';
import { freePort } from '../../../adapters/embedded/free-port.ts';
import { natsBinary } from '../../../adapters/embedded/nats-binary.ts';
import { type NatsCluster, openNatsCluster } from '../../../adapters/embedded/nats-cluster.ts';
import { openPostgres, type PostgresServer } from '../../../adapters/embedded/postgres-server.ts';
import {
  newNatsCredentials,
  parseNatsCredentials,
  serverVariables,
} from '../../../adapters/jetstream/door/nats-credentials.ts';
import type { Releases } from '../../../compose/releases.ts';
import type { Config } from '../../../config/config.ts';
import { packagePath } from '../../../config/package-path.ts';
import type { Logger } from '../../../ports/logger.ts';
import { Failure } from '../../failure.ts';
import type { Revival } from './revival.ts';

export interface ClusterServers {
  readonly nats: NatsCluster;
  /** Path of Parley's own credentials for it. */
  readonly natsCreds: string;
  /** With credentials. */
  readonly databaseUrl: string;
  /** Its own PostgreSQL as it was started; null with DATABASE_URL. */
  readonly postgres: Pick<PostgresServer, 'pid' | 'port'> | null;
}

type Reviving = (name: string) => Revival;

/** Every worker has some twenty connections, and two nodes of a few workers each are the least that is asked for. */
const postgresSettings = { max_connections: '400' };

/** Both start at the same time; what was started is in `releases`, also when the other one fails. */
export async function openClusterServers(
  config: Config,
  dataDir: string,
  log: Logger,
  releases: Releases,
  reviving: Reviving,
): Promise<ClusterServers> {
  const natsCreds = resolve(dataDir, 'credentials.json');
  const [nats, database] = await Promise.allSettled([
    openNats(config, { dataDir, natsCreds, log, releases, reviving }),
    config.databaseUrl === null ? openDatabase(dataDir, log, releases, reviving) : null,
  ]);
  if (nats.status === 'rejected') throw nats.reason;
  if (database.status === 'rejected') throw database.reason;
  const postgres = database.value;
  return { nats: nats.value, natsCreds, databaseUrl: config.databaseUrl ?? postgres?.url ?? '', postgres };
}

interface NatsParts {
  readonly dataDir: string;
  readonly natsCreds: string;
  readonly log: Logger;
  readonly releases: Releases;
  readonly reviving: Reviving;
}

async function openNats({ natsPort }: Config, parts: NatsParts): Promise<NatsCluster> {
  const { dataDir, natsCreds, log, releases, reviving } = parts;
  const credentials = parseNatsCredentials(await keptSecret(natsCreds, newNatsCredentials));
  if (credentials === null) {
    throw new Failure(`${natsCreds} is damaged; without it, the next start makes another one`);
  }
  const revivals = new Map<string, Revival>();
  const cluster = await openNatsCluster({
    binary: await natsBinary(process.env['NATS_SERVER'], packagePath('deploy/nats-server.sh')),
    configPath: packagePath('deploy/nats-cluster.conf'),
    ...{ dataDir, log, port: natsPort, variables: serverVariables(credentials) },
    onExit: (server, exit) => {
      // It may end before all are open: its revival is made when it is needed.
      const revival = revivals.get(server.name) ?? reviving(server.name);
      revivals.set(server.name, revival);
      revival.after(exit, () => server.restart());
    },
  });
  releases.add('nats cluster', () => cluster.close());
  return cluster;
}

async function openDatabase(
  dataDir: string,
  log: Logger,
  releases: Releases,
  reviving: Reviving,
): Promise<PostgresServer> {
  const revival = reviving('postgres');
  const port = await freePort(); // its own from now on, so that it comes back where nodes look for it
  const open = (): Promise<PostgresServer> =>
    openPostgres({
      ...{ dataDir, log, port, settings: postgresSettings },
      onExit: (exit) =>
        revival.after(exit, async () => {
          await present.close();
          present = await open();
        }),
    });
  let present = await open();
  releases.add('postgres', () => present.close());
  return present;
}
