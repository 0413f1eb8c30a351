/** The servers of `parley dev`: those of the environment, else children of this process under DATA_DIR. */
import { join } from 'node:path';
import { keptPassword } from '../../adapters/embedded/credentials.ts';
import { natsBinary } from '../../adapters/embedded/nats-binary.ts';
import { openNatsServer } from '../../adapters/embedded/nats-server.ts';
import { openPostgres } from '../../adapters/embedded/postgres-server.ts';
import type { Releases } from '../../compose/releases.ts';
import type { Config } from '../../config/config.ts';
import { packagePath } from '../../config/package-path.ts';
import type { Logger } from '../../ports/logger.ts';
import { Failure } from '../failure.ts';

export interface DevServers {
  /** With credentials. */
  readonly natsUrl: string;
  readonly databaseUrl: string;
  /** Rejects when one of the children ends although nobody closed it. */
  readonly ended: Promise<never>;
}

const natsUser = 'parley';

/** Both start at the same time; what was started is in `releases`, also when the other one fails. */
export async function openDevServers(
  config: Config,
  logger: Logger,
  releases: Releases,
): Promise<DevServers> {
  let fail: (error: Failure) => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  ended.catch(() => undefined); // it may come while nobody waits for it yet
  const onExit = (name: string) => (): void =>
    fail(new Failure(`${name} ended by itself; its log is in ${config.dataDir}`));
  const [nats, postgres] = await Promise.allSettled([
    config.natsUrl ?? startNats(config, logger, releases, onExit('nats-server')),
    config.databaseUrl ?? startPostgres(config, logger, releases, onExit('postgres')),
  ]);
  if (nats.status === 'rejected') throw nats.reason;
  if (postgres.status === 'rejected') throw postgres.reason;
  return { natsUrl: nats.value, databaseUrl: postgres.value, ended };
}

async function startNats(
  { dataDir, natsPort }: Config,
  log: Logger,
  releases: Releases,
  onExit: () => void,
): Promise<string> {
  const password = await keptPassword(join(dataDir, 'nats', 'password'));
  const server = await openNatsServer({
    binary: await natsBinary(process.env['NATS_SERVER'], packagePath('deploy/nats-server.sh')),
    configPath: packagePath('nats-server.conf'),
    dataDir,
    user: natsUser,
    password,
    port: natsPort,
    log,
    onExit,
  });
  releases.add('nats-server', () => server.close());
  return `nats://${natsUser}:${password}@127.0.0.1:${server.port}`;
}

async function startPostgres(
  { dataDir }: Config,
  log: Logger,
  releases: Releases,
  onExit: () => void,
): Promise<string> {
  const server = await openPostgres({ dataDir, log, onExit });
  releases.add('postgres', () => server.close());
  return server.url;
}
