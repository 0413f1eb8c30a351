/** `parley rebuild-projection`: empties the projection and fills it again from the logs. */
import { Command } from 'commander';
import { openLogger } from '../../adapters/pino/pino-logger.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { openProjectionWriter } from '../../adapters/postgres/projection-writer.ts';
import { openPrometheus } from '../../adapters/prometheus/prometheus.ts';
import { openClock } from '../../adapters/system/clock.ts';
import { openIdSource } from '../../adapters/system/id-source.ts';
import { openReleases } from '../../compose/releases.ts';
import { openNatsSide } from '../../compose/servers/nats-side.ts';
import { openProjectorPool } from '../../compose/servers/postgres-side.ts';
import type { Config } from '../../config/config.ts';
import { pauseProjectors } from '../../core/projection/node-projector.ts';
import { type RebuildProgress, rebuildProjection } from '../../core/projection/rebuild.ts';
import { Problem } from '../../domain/problem.ts';
import { Failure } from '../failure.ts';
import { note, print, printJson } from '../output.ts';
import { readConfig } from '../read-config.ts';
import { findServers, needDatabase, needNats } from './servers.ts';

export function rebuildProjectionCommand(): Command {
  return new Command('rebuild-projection')
    .description(
      'make everything that Postgres knows of conversations again, from the logs; nodes may run meanwhile',
    )
    .option('--json', 'print progress as lines of JSON on stdout')
    .action(async ({ json }: { json?: boolean }) => {
      const show = json === true ? printJson : showProgress();
      await rebuild(readConfig(), show);
      if (json !== true) print('the projection is complete');
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
    const { feed, log, link } = await openNatsSide(
      { url: needNats(servers), credsFile: servers.natsCreds, node, partitions, replicas, logger },
      releases,
    );
    const url = needDatabase(servers);
    await migrate(url, logger);
    const pool = await openProjectorPool({ url, partitions: feed.partitions, logger }, releases);
    const writer = openProjectionWriter(pool);
    const prometheus = openPrometheus();
    releases.add('metrics', () => prometheus.close());
    const clock = openClock();
    const resume = await pauseProjectors(link, clock);
    if (resume instanceof Problem) throw new Failure(resume.message);
    releases.add('pause of the nodes', resume);
    const parts = { feed, writer, log, logger, metrics: prometheus.metrics, clock };
    const problem = await rebuildProjection(parts, onProgress);
    if (problem !== null) throw new Failure(`the rebuild stopped: ${problem.message}; run it again`);
  } finally {
    await releases.close();
  }
}

/** A line that is written over on a terminal; elsewhere a line for each tenth. */
export function showProgress(): (progress: RebuildProgress) => void {
  let shown = -1;
  return ({ total, remaining, perSec, leftSec }) => {
    const percent = total === 0 ? 100 : Math.floor(((total - remaining) / total) * 100);
    const step = process.stderr.isTTY ? percent : Math.floor(percent / 10) * 10;
    if (step === shown) return;
    shown = step;
    const left = leftSec === null ? '' : `, ${leftSec} s left`;
    const text = `${percent} %  ${total - remaining} of ${total} events, ${perSec} a second${left}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}${remaining === 0 ? '\n' : ''}`);
    else note(text);
  };
}
