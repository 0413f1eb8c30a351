/** `parley rebuild-projection`: empties the projection and fills it again from the logs. */
import { Command } from 'commander';
import { openLogger } from '../../adapters/pino/pino-logger.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { openProjectionMarks } from '../../adapters/postgres/projection-marks.ts';
import { openProjectionWriter } from '../../adapters/postgres/projection-writer.ts';
import { openWantingWebhooks } from '../../adapters/postgres/webhooks/wanting-webhooks.ts';
import { openPrometheus } from '../../adapters/prometheus/prometheus.ts';
import { openClock } from '../../adapters/system/clock.ts';
import { openIdSource } from '../../adapters/system/id-source.ts';
import { openReleases } from '../../compose/releases.ts';
import { openNatsSide } from '../../compose/servers/nats-side.ts';
import { openProjectorPool } from '../../compose/servers/postgres-side.ts';
import type { Config } from '../../config/config.ts';
import { pauseProjectors } from '../../core/projection/node-projector.ts';
import { type RebuildProgress, rebuildProjection } from '../../core/projection/rebuild.ts';
import { deliveryFinderOver } from '../../core/webhooks/find-deliveries.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { openProgress } from '../progress.ts';
import { readConfig } from '../read-config.ts';
import { findServers, needDatabase, needNats } from './servers.ts';

export function rebuildProjectionCommand(): Command {
  const command = new Command('rebuild-projection')
    .description('make what PostgreSQL knows of conversations again, from the logs')
    .option('--json', 'print progress as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const show = json === true ? printJson : showProgress();
      await rebuild(readConfig(), show);
      if (json !== true) print('the projection is complete');
    });
  return explain(command, {
    notes: [
      'For tables that were lost, or are wrong. Nodes may run: they stand aside, posts go on, and lists and search are incomplete until it is done. Killed in the middle, it is run again.',
    ],
    json: 'a line for each step: `{"total","remaining","perSec","leftSec"}` events; the last has `remaining` 0.',
    examples: [['rebuild-projection', 'with the environment of a node, or beside `parley dev`']],
  });
}

/** Rejects with a Failure when it does not come to its end: run it again. */
export async function rebuild(
  config: Config,
  onProgress: (progress: RebuildProgress) => void,
): Promise<void> {
  const servers = await findServers(config, config.dataDir);
  const logger = openLogger({ level: 'warn', to: 'stderr' });
  const releases = openReleases(logger);
  try {
    const { partitions, replicas } = config;
    const node = `rebuild-${openIdSource().next()}`;
    const { feed, log, link, deliveries } = await openNatsSide(
      { url: needNats(servers), credsFile: servers.natsCreds, node, partitions, replicas, logger },
      releases,
    );
    const url = needDatabase(servers);
    await migrate(url, logger);
    const pool = await openProjectorPool({ url, partitions: feed.partitions, logger }, releases);
    const writer = openProjectionWriter(pool);
    const marks = openProjectionMarks(pool);
    const prometheus = openPrometheus();
    releases.add('metrics', () => prometheus.close());
    const clock = openClock();
    const resume = await pauseProjectors(link, clock);
    if (resume instanceof Problem) throw new Failure(resume.message);
    releases.add('pause of the nodes', resume);
    // What is said meanwhile is for webhooks, too; everything before was.
    const begunUs = clock.nowMicros() - limits.webhookRebuildOverlapMs * 1_000;
    const webhooks = openWantingWebhooks(pool);
    const onProjected = deliveryFinderOver({ webhooks, queue: deliveries, logger, since: () => begunUs });
    const parts = { feed, marks, writer, log, logger, metrics: prometheus.metrics, clock, onProjected };
    const problem = await rebuildProjection(parts, onProgress);
    if (problem !== null) throw new Failure(`the rebuild stopped: ${problem.message}; run it again`);
  } finally {
    await releases.close();
  }
}

export function showProgress(): (progress: RebuildProgress) => void {
  const progress = openProgress('projection', 'events');
  let isOver = false;
  return ({ total, remaining }) => {
    if (isOver) return;
    progress.update(total - remaining, total);
    if (remaining > 0) return;
    isOver = true;
    progress.end();
  };
}
