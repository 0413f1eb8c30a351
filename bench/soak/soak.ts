/**
 * `make soak`: a node of its own with servers of its own, each behind a proxy that makes it a hundred times slower in
 * turns, under more load than it can take. Writes bench/results/soak.json and soak.svg, and ends with 1 when a rule
 * of verdict.ts does not hold.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openSlowProxy, type SlowProxy } from '../../test/kit/links/slow-proxy.ts';
import { startNats, type TestNats } from '../../test/kit/servers/nats.ts';
import { startNodeProcess } from '../../test/kit/servers/node.ts';
import { startPostgresServer } from '../../test/kit/servers/postgres.ts';
import { Closers } from '../kit/closers.ts';
import { makeReport } from '../kit/figures/report.ts';
import { repository } from '../kit/stack.ts';
import { type Load, openLoad } from './load.ts';
import { hundredTimesSlower, phasesOf } from './phases.ts';
import { drawSoak } from './plots.ts';
import { prove } from './proof.ts';
import { type Sample, takeSample } from './sampling.ts';
import { judge, type Rule } from './verdict.ts';

const secMin = 20;
const secMax = 3_600;
/** Beside the run itself: servers start, the last posts are acknowledged, the log is read. */
const restSecMax = 300;

type Servers = {
  readonly broker: TestNats;
  readonly nats: SlowProxy;
  readonly postgres: SlowProxy;
  readonly node: { readonly url: string };
};

async function openServers(closers: Closers): Promise<Servers> {
  const t = { teardown: (stop: () => unknown): void => closers.add(stop) };
  const broker = await startNats(t);
  const { url: databaseUrl } = await startPostgresServer(t, { isDurable: true });
  const nats = await openSlowProxy(broker.port);
  closers.add(() => nats.close());
  const postgres = await openSlowProxy(Number(new URL(databaseUrl).port));
  closers.add(() => postgres.close());
  const database = new URL(databaseUrl);
  database.hostname = '127.0.0.1';
  database.port = String(postgres.port);
  const node = await startNodeProcess(
    {
      nats: { ...broker, url: `nats://127.0.0.1:${nats.port}` },
      database: { url: database.href },
      // As `make run` starts it (NODE_FLAGS in the Makefile).
      execArgv: ['--enable-source-maps', '--max-semi-space-size=32', '--heap-growing-percent=100'],
    },
    t,
  );
  return { broker, nats, postgres, node };
}

/** Goes through the phases, with a sample each second. */
async function run({ nats, postgres, node }: Servers, load: Load, sec: number): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const beganMs = performance.now();
  const now = (): number => (performance.now() - beganMs) / 1_000;
  for (const phase of phasesOf(sec)) {
    nats.slow(phase.isNatsSlow ? hundredTimesSlower : null);
    postgres.slow(phase.isPostgresSlow ? hundredTimesSlower : null);
    console.log(`${phase.name}: ${phase.fromSec.toFixed(0)} to ${phase.toSec.toFixed(0)} s`);
    while (now() < phase.toSec) {
      const nextSec = Math.min(Math.floor(now()) + 1, phase.toSec);
      await delay(Math.max(0, (nextSec - now()) * 1_000));
      samples.push(await takeSample(node, now(), phase.name, load.take()));
    }
  }
  nats.slow(null);
  postgres.slow(null);
  return samples;
}

async function leave(samples: readonly Sample[], rules: readonly Rule[], sec: number): Promise<void> {
  const dir = join(repository, 'bench/results');
  await mkdir(dir, { recursive: true });
  const phases = phasesOf(sec);
  const { at, commit, machine, node } = await makeReport({
    mode: 'full',
    tookSec: sec,
    figures: [],
    failures: [],
  });
  const report = { at, commit, machine, node, sec, slowness: hundredTimesSlower, phases, rules, samples };
  await writeFile(join(dir, 'soak.json'), `${JSON.stringify(report)}\n`);
  await writeFile(join(dir, 'soak.svg'), drawSoak(samples, phases));
  for (const { rule, is, holds } of rules) console.log(`${holds ? 'ok  ' : 'FAIL'} ${rule}: ${is}`);
  console.log('bench/results/soak.json and soak.svg are written');
}

function readSec(given: string | undefined): number {
  const sec = Number(given ?? 600);
  if (Number.isInteger(sec) && sec >= secMin && sec <= secMax) return sec;
  console.error(`SEC is ${given}: whole seconds from ${secMin} to ${secMax} are expected`);
  process.exit(2);
}

const sec = readSec(process.env['SEC']);
const closers = new Closers();
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => void closers.closeAll().finally(() => process.exit(code)));
const late = setTimeout(
  () => {
    console.error('the soak does not end by itself');
    void closers.closeAll().finally(() => process.exit(1));
  },
  (sec + restSecMax) * 1_000,
);
try {
  const servers = await openServers(closers);
  const load = await openLoad(servers.node);
  const samples = await run(servers, load, sec);
  await load.stop();
  const rules = [...judge(samples, phasesOf(sec), sec), ...(await prove(servers.broker, load))];
  await leave(samples, rules, sec);
  process.exitCode = rules.every(({ holds }) => holds) ? 0 : 1;
} finally {
  clearTimeout(late);
  await closers.closeAll();
}
