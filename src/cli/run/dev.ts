/** `parley dev`: one node with its own nats-server and PostgreSQL, for a person at a terminal (`make run`). */
import { Command } from 'commander';
import { freePort } from '../../adapters/embedded/free-port.ts';
import { openReleases, type Releases } from '../../compose/releases.ts';
import { openNode } from '../../compose.ts';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../ports/logger.ts';
import { writeDevFile } from '../dev-file.ts';
import { Failure, sentenceOf } from '../failure.ts';
import { print } from '../output.ts';
import { readConfig } from '../read-config.ts';
import { openConsoleLogger } from './console-logger.ts';
import { devAdministrator } from './dev-administrator.ts';
import { openDevServers } from './dev-servers.ts';
import { type ListenOptions, listenOptionsOf, withListenOptions } from './listen-options.ts';
import { listenForStop } from './stop-signals.ts';
import { welcome } from './welcome.ts';

export function devCommand(): Command {
  const command = new Command('dev').description(
    'run one node with its own nats-server and PostgreSQL (what NATS_URL and DATABASE_URL name is used instead)',
  );
  return withListenOptions(command).action((options: ListenOptions) => dev(options));
}

async function dev(options: ListenOptions): Promise<void> {
  const config = readConfig({ ...process.env, ...listenOptionsOf(options) }, 'dev');
  const logger = openConsoleLogger(config);
  await requireFreePort(config);
  const stop = listenForStop();
  const releases = openReleases(logger);
  try {
    const { ended } = await start(config, logger, releases);
    await Promise.race([stop.asked, ended]);
  } finally {
    await releases.close();
    stop.release();
  }
}

/**
 * Resolves when the node listens. `ended` rejects when a server that it needs is gone; it comes inside of an
 * object, because an async function that returned it would wait for it.
 */
async function start(config: Config, logger: Logger, releases: Releases): Promise<{ ended: Promise<never> }> {
  const { dataDir, adminEmail, adminPassword } = config;
  const administrator = await devAdministrator(dataDir, { email: adminEmail, password: adminPassword });
  const servers = await openDevServers(config, logger, releases);
  const { email, password } = administrator;
  const { natsUrl, databaseUrl } = servers;
  const node = await openNode(
    { ...config, natsUrl, databaseUrl, adminEmail: email, adminPassword: password },
    logger,
  );
  releases.add('node', () => node.close());
  const removeFile = await writeDevFile(dataDir, { url: node.url, email, password, natsUrl, databaseUrl });
  releases.add('cli.json', removeFile);
  print(welcome({ url: node.url, natsUrl, dataDir, administrator }));
  return { ended: servers.ended };
}

/** Asked before any server is started, so that the answer comes at once and is about the port. */
async function requireFreePort({ host, port }: Config): Promise<void> {
  if (port === 0) return;
  const free = await freePort(port, host).catch((error: unknown) => {
    throw new Failure(`cannot listen on ${host}: ${sentenceOf(error)}`, 1, { cause: error });
  });
  if (free !== port) {
    throw new Failure(
      `port ${port} on ${host} is taken: stop what listens there, or set PORT (${free} is free)`,
    );
  }
}
