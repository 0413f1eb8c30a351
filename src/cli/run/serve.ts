/** `parley serve`: one node of a deployment, or several on one port. */
import { Command } from 'commander';
import type { NodeConfig } from '../../compose/node-config.ts';
import { openNode } from '../../compose.ts';
import type { Config } from '../../config/config.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { makeDirectory } from '../make-directory.ts';
import { readConfig } from '../read-config.ts';
import { wholeNumber } from '../talk/option-values.ts';
import { openServiceLogger } from './console-logger.ts';
import { type ListenOptions, listenOptionsOf, withListenOptions } from './listen-options.ts';
import { requireFreePort } from './require-free-port.ts';
import { listenForStop } from './stop-signals.ts';
import { shareMetrics } from './worker-metrics.ts';
import { stopRequest, superviseWorkers, workersMax } from './workers.ts';

type ServeOptions = ListenOptions & { readonly workers?: number };

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('run a node of a deployment, over NATS_URL and DATABASE_URL')
    .option('--workers <n>', `that many processes on one port, 1 to ${workersMax}`, (text) =>
      wholeNumber(text, 1, workersMax),
    );
  withListenOptions(command).action(async (options: ServeOptions) => {
    const env = { ...process.env, ...listenOptionsOf(options) };
    const config = readConfig(env, 'serve');
    const nodeConfig = withServers(config);
    await makeDataDirectory(config.dataDir);
    const isWorker = process.env['PARLEY_WORKER'] !== undefined;
    if (options.workers === undefined || isWorker) await serve(nodeConfig, isWorker);
    else await supervise(options.workers, env, config);
  });
  return explain(command, {
    notes: [
      'Configured by environment variables alone: `parley check-config` lists them, deploy/README.md shows whole deployments. SIGTERM drains and ends it, a second signal ends it at once.',
    ],
    examples: [
      ['check-config', 'is all set that must be?'],
      ['serve', 'one process on PORT (3000)'],
      ['serve --workers 4', 'four processes on one port; each is a whole node'],
    ],
  });
}

function withServers(config: Config): NodeConfig {
  const { natsUrl, databaseUrl } = config;
  if (natsUrl === null) throw new Failure('set NATS_URL (`parley dev` starts a nats-server by itself)');
  if (databaseUrl === null)
    throw new Failure('set DATABASE_URL (`parley dev` starts a PostgreSQL by itself)');
  return { ...config, natsUrl, databaseUrl };
}

/**
 * A node without one answers requests that need it with 503 (a root file system may be read-only, media in S3). But what
 * can never be made would hold up its start without end.
 */
async function makeDataDirectory(dataDir: string): Promise<void> {
  await makeDirectory(dataDir).catch((error: Failure) => {
    if ((error.cause as NodeJS.ErrnoException).code === 'ENOENT') throw error;
  });
}

async function serve(config: NodeConfig, isWorker: boolean): Promise<void> {
  const logger = openServiceLogger(config);
  const stop = listenForStop();
  // All workers are one server: who stops it means them all.
  const onStop = isWorker ? () => void process.send?.(stopRequest) : () => stop.request();
  const worker = process.env['PARLEY_WORKER'];
  const shared = worker === undefined ? {} : { worker, shareMetrics };
  const node = await openNode({ ...config, isPortShared: isWorker, onStop, ...shared }, logger);
  logger.info({ url: node.url, node: node.id }, 'listening');
  // A worker whose supervisor was killed has nobody left who would end it.
  const orphaned = new Promise<string>((resolve) => {
    if (isWorker) process.once('disconnect', () => resolve('supervisor gone'));
  });
  const reason = await Promise.race([stop.asked, orphaned]);
  logger.info({ reason }, 'draining');
  await node.close();
  stop.release();
  if (isWorker) process.disconnect?.();
}

async function supervise(count: number, env: NodeJS.ProcessEnv, config: Config): Promise<void> {
  if (config.port === 0) throw new Failure('workers share one port: set PORT', 2);
  await requireFreePort(config.host, config.port);
  const [, script = ''] = process.argv;
  await superviseWorkers({
    count,
    command: [process.execPath, ...process.execArgv, script, 'serve'],
    env,
    log: openServiceLogger(config),
  });
}
