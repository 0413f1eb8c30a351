/** The servers of `parley dev`: those of the environment, else children of this process under DATA_DIR. */
import { resolve } from 'node:path';
import { keptSecret } from '../../adapters/embedded/credentials.ts';
import { natsBinary } from '../../adapters/embedded/nats-binary.ts';
import { openNatsServer } from '../../adapters/embedded/nats-server.ts';
import { openPostgres } from '../../adapters/embedded/postgres-server.ts';
import {
  newNatsCredentials,
  parseNatsCredentials,
  serverVariables,
} from '../../adapters/jetstream/door/nats-credentials.ts';
import type { Releases } from '../../compose/releases.ts';
import type { Config } from '../../config/config.ts';
import { packagePath } from '../../config/package-path.ts';
import type { Logger } from '../../ports/logger.ts';
import { Failure } from '../failure.ts';

export interface DevServers {
  /** Without Parley's credentials when they are in `natsCreds`. */
  readonly natsUrl: string;
  /** Path of the credentials file; null when the environment's nats-server has none. */
  readonly natsCreds: string | null;
  /** With credentials. */
  readonly databaseUrl: string;
  /** Rejects when one of the children ends although nobody closed it. */
  readonly ended: Promise<never>;
}

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
    config.natsUrl === null
      ? startNats(config, logger, releases, onExit('nats-server'))
      : { natsUrl: config.natsUrl, natsCreds: config.natsCreds },
    config.databaseUrl ?? startPostgres(config, logger, releases, onExit('postgres')),
  ]);
  if (nats.status === 'rejected') throw nats.reason;
  if (postgres.status === 'rejected') throw postgres.reason;
  return { ...nats.value, databaseUrl: postgres.value, ended };
}

async function startNats(
  { dataDir, natsPort, natsSync }: Config,
  log: Logger,
  releases: Releases,
  onExit: () => void,
): Promise<Pick<DevServers, 'natsUrl' | 'natsCreds'>> {
  const natsCreds = resolve(dataDir, 'nats', 'credentials.json');
  const credentials = parseNatsCredentials(await keptSecret(natsCreds, newNatsCredentials));
  if (credentials === null) {
    throw new Failure(`${natsCreds} is damaged; without it, the next start makes another one`);
  }
  const server = await openNatsServer({
    binary: await natsBinary(process.env['NATS_SERVER'], packagePath('deploy/nats-server.sh')),
    configPath: packagePath('nats-server.conf'),
    dataDir,
    variables: serverVariables(credentials),
    port: natsPort,
    sync: natsSync,
    log,
    onExit,
  });
  releases.add('nats-server', () => server.close());
  return { natsUrl: server.url, natsCreds };
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
