/** `parley dev`: one node with its own nats-server and PostgreSQL, for a person at a terminal (`make run`). */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { keptMasterKey } from '../../adapters/embedded/master-key.ts';
import { openReleases, type Releases } from '../../compose/releases.ts';
import { openNode } from '../../compose.ts';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../ports/logger.ts';
import { writeDevFile } from '../dev-file.ts';
import { explain } from '../help.ts';
import { makeDirectory } from '../make-directory.ts';
import { print } from '../output.ts';
import { readConfig } from '../read-config.ts';
import { callingOf } from './calling.ts';
import { openConsoleLogger } from './console-logger.ts';
import { devAdministrator } from './dev-administrator.ts';
import { openDevServers } from './dev-servers.ts';
import { type ListenOptions, listenOptionsOf, withListenOptions } from './listen-options.ts';
import { requireFreePort } from './require-free-port.ts';
import { listenForStop } from './stop-signals.ts';
import { welcome } from './welcome.ts';

export function devCommand(): Command {
  const command = new Command('dev').description('run one node with its own nats-server and PostgreSQL');
  withListenOptions(command).action((options: ListenOptions) => dev(options));
  return explain(command, {
    notes: [
      'Needs nothing set up. It prints its address, the administrator and lines to paste; Ctrl-C ends all of it, the data stay. What NATS_URL and DATABASE_URL name is used instead of servers of its own.',
    ],
    examples: [
      ['dev', 'on http://127.0.0.1:3000, data in ./.data'],
      ['dev --port 3100 --data-dir /tmp/other', 'a second one beside it'],
    ],
  });
}

async function dev(options: ListenOptions): Promise<void> {
  const config = readConfig({ ...process.env, ...listenOptionsOf(options) }, 'dev');
  const logger = openConsoleLogger(config);
  await requireFreePort(config.host, config.port);
  const stop = listenForStop();
  const releases = openReleases(logger);
  try {
    const { ended } = await start(config, logger, releases, () => stop.request());
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
async function start(
  config: Config,
  logger: Logger,
  releases: Releases,
  onStop: () => void,
): Promise<{ ended: Promise<never> }> {
  const { adminEmail, adminPassword } = config;
  const dataDir = resolve(config.dataDir); // what is printed is pasted somewhere else
  await makeDirectory(dataDir);
  const administrator = await devAdministrator(dataDir, { email: adminEmail, password: adminPassword });
  const servers = await openDevServers(config, logger, releases);
  const { email, password } = administrator;
  const { natsUrl, natsCreds, databaseUrl } = servers;
  const masterKey = config.masterKey ?? (await keptMasterKey(dataDir));
  const node = await openNode(
    {
      ...{ ...config, natsUrl, natsCreds, databaseUrl, masterKey, isForOneMachine: true, onStop },
      ...{ adminEmail: email, adminPassword: password },
    },
    logger,
  );
  releases.add('node', () => node.close());
  const removeFile = await writeDevFile(dataDir, {
    ...{ url: node.url, email, password },
    ...{ natsUrl, natsCreds: natsCreds ?? '', databaseUrl },
  });
  releases.add('cli.json', removeFile);
  const { hasNatsDoor, url } = node;
  print(welcome({ url, natsUrl, hasNatsDoor, dataDir, administrator, calling: callingOf() }));
  return { ended: servers.ended };
}
