/** `parley bench`: a load on a running node, with every delivery checked. The benches of the repository are `make bench`. */
import { Command } from 'commander';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { note, print, printJson } from '../output.ts';
import { openProgress } from '../progress.ts';
import { listenForStop } from '../run/stop-signals.ts';
import { type AccountOptions, openAccount, withAccountOptions } from './account.ts';
import { runLoad } from './bench/load.ts';
import { type BenchReport, isSound, reportOf, tableOf } from './bench/report.ts';
import { openStage } from './bench/stage.ts';
import { wholeNumber } from './option-values.ts';

type BenchOptions = AccountOptions & {
  readonly seconds: number;
  readonly posters: number;
  readonly conversations?: number;
  readonly readers: number;
  readonly size: number;
  readonly rate: number;
  readonly json?: boolean;
};

const most = { seconds: 600, posters: 500, conversations: 1_000, readers: 5_000, size: 65_536, rate: 1_000 };

export function benchCommand(): Command {
  const command = new Command('bench')
    .description('put a load on a running node, and check and time everything that comes back')
    .option('--seconds <n>', `for so long, 1 to ${most.seconds}`, within(1, most.seconds), 10)
    .option('--posters <n>', `agents that post, 1 to ${most.posters}`, within(1, most.posters), 10)
    .option(
      '--rate <n>',
      'posts a second of each; 0: the next one as soon as one is answered',
      within(0, most.rate),
      20,
    )
    .option('--size <chars>', `length of a message, 1 to ${most.size}`, within(1, most.size), 100)
    .option(
      '--conversations <n>',
      `conversations that they post to, 1 to ${most.conversations} (default: one for each poster)`,
      within(1, most.conversations),
    )
    .option(
      '--readers <n>',
      `sockets that follow all of them, 0 to ${most.readers}`,
      within(0, most.readers),
      10,
    )
    .option('--json', 'print the figures as JSON');
  withAccountOptions(command).action(bench);
  return explain(command, {
    notes: [
      'Makes conversations, and agents with API keys that post to them; all of it is deleted again, also after Ctrl-C (a second one leaves it there), so the account must be an owner or admin (others post themselves). A reader is a socket that follows all conversations: posts times readers is what the node delivers. Every reader must get every acknowledged post once and in order, else it ends with 1. Figures are seen from here: run it beside the node for its own times, elsewhere for those of users. A node takes 30 posts a second of a principal; `PARLEY_RATE_LIMIT=off` lifts that.',
    ],
    json: '`{"url","seconds","posters","conversations","readers","posts":{"count","per_sec","p50","p90","p99","max","refused"},"deliveries":{…,"expected","lost","doubled","out_of_order"},"connects":{…},"processor":{"bench_sec","node_sec","node_us_per_post"}}`; times in milliseconds.',
    examples: [
      ['bench', 'ten seconds, 10 agents, 10 readers, on the running `parley dev`'],
      ['bench --readers 1000 --posters 1 --conversations 1', 'fan-out: one conversation with 1,000 readers'],
      ['bench --posters 100 --rate 0 --readers 0', 'as many posts as are answered'],
      [
        'bench --url https://chat.example.com --token KEY --json',
        'a deployment, with a key or token of an owner',
      ],
    ],
  });
}

function within(min: number, max: number): (text: string) => number {
  return (text) => wholeNumber(text, min, max);
}

async function bench(options: BenchOptions): Promise<void> {
  const account = await openAccount(options, process.env);
  const { seconds, readers } = options;
  // Ctrl-C ends the preparation or the load; what was made is deleted all the same, unless it comes twice.
  const stop = listenForStop();
  const stage = await openStage(account, {
    ...{ seconds, posters: options.posters, conversations: options.conversations ?? options.posters },
    isStopped: () => stop.isAsked,
  });
  let report: BenchReport;
  try {
    const { conversations, posters } = stage;
    note(
      `${posters.length} posters, ${conversations.length} conversations, ${readers} readers at ${account.url}`,
    );
    const progress = openProgress('load', 'seconds');
    const nodeBefore = await processorSecOf(account.url);
    const before = process.cpuUsage();
    const outcome = await runLoad({
      ...{ account, posters, conversations, readers, seconds, size: options.size, rate: options.rate },
      isStopped: () => stop.isAsked,
      onSecond: (second) => progress.update(Math.min(second, seconds), seconds),
    });
    progress.end();
    const { user, system } = process.cpuUsage(before);
    const nodeAfter = await processorSecOf(account.url);
    const nodeSec = nodeBefore === null || nodeAfter === null ? null : nodeAfter - nodeBefore;
    report = reportOf(
      { url: account.url, posters: posters.length, conversations: conversations.length, readers },
      outcome,
      { benchSec: (user + system) / 1e6, nodeSec },
    );
  } finally {
    await stage.close();
    stop.release();
  }
  if (options.json === true) printJson(report);
  else print(tableOf(report));
  if (!isSound(report))
    throw new Failure('what was acknowledged did not arrive once and in order, or nothing was');
}

/** Of all processes of the node; null where /metrics is not for everybody. */
async function processorSecOf(url: string): Promise<number | null> {
  const text = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })
    .then((response) => (response.ok ? response.text() : ''))
    .catch(() => '');
  const found = [...text.matchAll(/^process_cpu_seconds_total(?:\{[^}]*\})? ([\d.e+-]+)$/gm)];
  return found.length === 0 ? null : found.reduce((sum, [, value]) => sum + Number(value), 0);
}
