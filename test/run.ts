/**
 * Runs the compiled tests: `node dist/test/run.js [part of a path]…`. All files share one PostgreSQL
 * (each test makes its own database in it) and one nats-server binary (each starts its own server). The
 * last line is `N passed, N failed`. PARLEY_TEST_JOBS says how many files run at once; they wait half of
 * their time, so the default is two more than there are cores. A file that says `Runs alone:` in its first comment
 * has the machine for itself, after all others. Files below `cluster/`, `failure/chaos/` and `pack/` take long: only a part that
 * names their folder asks for them, and they run one after another.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { endOrphan } from '../src/adapters/embedded/pid-file.ts';
import { openPostgres } from '../src/adapters/embedded/postgres-server.ts';
import { fuzzing } from './kit/hostile/fuzzing.ts';
import { testNatsBinary } from './kit/servers/nats.ts';
import { fastSettings } from './kit/servers/postgres.ts';
import { makeTemplate } from './kit/servers/postgres-template.ts';
import { withSourcePlaces } from './kit/source-places.ts';
import { portsFolder, repository, temporaryDir } from './kit/temporary.ts';
import { type FileOutcome, fileLimits, runTestFile } from './kit/test-file.ts';

const here = dirname(fileURLToPath(import.meta.url));
/** Beyond it they run out of connections to PostgreSQL. */
const jobsMax = 6;
const jobs = Number(process.env['PARLEY_TEST_JOBS'] ?? Math.min(availableParallelism() + 2, jobsMax));
/** Seconds that all tests of a file may take together; a file that needs more says `t.setTimeout(ms)`. */
const timeoutSec = '120';
/** A file that asks for more than its bound has what it asks for, and this to tell of it. */
const tellingMs = 30_000;

/** What is in them takes minutes and the whole machine. */
const askedFolders = ['cluster/', 'failure/chaos/', 'pack/'];

/** What failed is told a second time at the end, for whoever sees the end only: these characters of it. */
const retoldCharsMax = 12_000;

const total = { passed: 0, failed: 0, skipped: 0 };
/** What was said of each file that failed. */
const failed: { readonly file: string; readonly text: string }[] = [];

type TestFile = { readonly file: string; readonly askedMs: number };

await main();

async function main(): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => interrupted.abort());
  const { together, alone } = await inOrder(await testFiles(process.argv.slice(2)));
  const dir = await temporaryDir('tests');
  const postgres = await openPostgres({
    dataDir: dir.path,
    settings: { ...fastSettings, max_connections: '500' },
  });
  try {
    await makeTemplate(postgres.url);
    const env = await childEnvironment(dir.path, postgres.url);
    await Promise.all(Array.from({ length: jobs }, () => work(together, env, interrupted.signal)));
    await work(alone, env, interrupted.signal);
  } finally {
    await tidy('PostgreSQL was not ended', postgres.close);
    await tidy('what tests left behind was not ended', () => endLeftovers(dir.path));
    await tidy('the directory of the tests was not removed', dir.remove);
  }
  if (interrupted.signal.aborted) total.failed += 1;
  retellFailures();
  if (interrupted.signal.aborted) say('interrupted: not every file has run');
  if (total.skipped > 0) say(`${total.skipped} skipped`);
  say(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Compiled files whose source still exists, so that a deleted test does not live on in dist/. */
async function testFiles(filters: readonly string[]): Promise<string[]> {
  const all = (await readdir(here, { recursive: true })).filter((path) => path.endsWith('.test.js')).sort();
  const current = all.filter((path) => existsSync(join(repository, 'test', path.replace(/\.js$/, '.ts'))));
  const parts = filters.map((part) => part.replace(/^test\/|\.ts$/g, ''));
  return current.filter((path) => {
    const folder = askedFolders.find((name) => path.startsWith(name));
    if (folder === undefined && parts.length === 0) return true;
    return parts.some(
      (part) => path.includes(part) && (folder === undefined || `${part}/`.startsWith(folder)),
    );
  });
}

/** By the time limit that they ask for: a long file that begins last runs alone, while a core has nothing to do. */
async function inOrder(files: readonly string[]): Promise<{ together: TestFile[]; alone: TestFile[] }> {
  const asking = await Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(here, file), 'utf8');
      const isAsked = askedFolders.some((folder) => file.startsWith(folder));
      const isAlone = isAsked || /^\/\*\*(?:(?!\*\/).)*\bRuns alone:/s.test(source);
      return { file, askedMs: askedBy(source), isAlone };
    }),
  );
  const ordered = asking.toSorted((a, b) => b.askedMs - a.askedMs);
  return { together: ordered.filter((one) => !one.isAlone), alone: ordered.filter((one) => one.isAlone) };
}

function askedBy(source: string): number {
  const [, asked] = /\bt\.setTimeout\(([\d_]+|fuzzing\.timeoutMs)\)/.exec(source) ?? [];
  if (asked === undefined) return 0;
  return asked.startsWith('fuzzing') ? fuzzing.timeoutMs : Number(asked.replaceAll('_', ''));
}

async function childEnvironment(dir: string, databaseUrl: string): Promise<NodeJS.ProcessEnv> {
  const ports = join(dir, 'ports');
  await mkdir(ports);
  return {
    ...process.env,
    TMPDIR: dir,
    [portsFolder]: ports,
    TAP_TIMEOUT: timeoutSec,
    NATS_SERVER: await testNatsBinary(),
    PARLEY_TEST_DATABASE_URL: databaseUrl,
  };
}

async function work(files: TestFile[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  for (let next = files.shift(); next !== undefined && !signal.aborted; next = files.shift()) {
    const runMs = Math.max(fileLimits.runMs, next.askedMs + tellingMs);
    report(next.file, await runTestFile(join(here, next.file), env, signal, { ...fileLimits, runMs }));
  }
}

function report(path: string, outcome: FileOutcome): void {
  const file = path.replace(/\.js$/, '');
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  total.skipped += outcome.skipped;
  const counts = `${outcome.passed} passed${outcome.failed > 0 ? `, ${outcome.failed} failed` : ''}`;
  say(
    `${outcome.failed === 0 ? 'ok  ' : 'FAIL'} ${file}: ${counts} (${(outcome.durationMs / 1000).toFixed(1)} s)`,
  );
  if (outcome.failed === 0) return;
  const text = failuresOf(file, outcome);
  failed.push({ file, text });
  say(text);
}

function failuresOf(file: string, { failures, lastLines, stderr }: FileOutcome): string {
  const told = failures.flatMap(({ path, diagnosis }) => [
    `\n  FAIL ${file} > ${path.join(' > ')}`,
    indented(withSourcePlaces(described(diagnosis))),
  ]);
  if (lastLines !== '') told.push(`\n  its last lines:\n${indented(lastLines.trimEnd())}`);
  if (stderr !== '') told.push(`\n  stderr:\n${indented(withSourcePlaces(stderr.trimEnd()))}\n`);
  return told.join('\n');
}

/** CI may show the end of its log only: it says what failed, and why. */
function retellFailures(): void {
  if (failed.length === 0) return;
  const each = Math.floor(retoldCharsMax / failed.length);
  say('\nwhat failed, once more:');
  for (const { file, text } of failed) {
    say(`FAIL ${file}`);
    say(text.length <= each ? text : `${text.slice(0, each)}…`);
  }
}

function described(diagnosis: Readonly<Record<string, unknown>>): string {
  return Object.entries(diagnosis)
    .filter(([name]) => name !== 'at' && name !== 'tapCaught') // the stack says the same
    .map(([name, value]) =>
      typeof value === 'string' ? `${name}: ${value}` : `${name}: ${inspect(value, { depth: 6 })}`,
    )
    .join('\n');
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}

/** What cannot be tidied up is said: the tests are over by then, and have told what there is to tell. */
async function tidy(what: string, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => say(`${what}: ${String(error)}`));
}

/** Ends the servers of test files that were killed, each known by the pid file in its own directory. */
async function endLeftovers(dir: string): Promise<void> {
  const paths = await readdir(dir, { recursive: true });
  for (const path of paths.filter((name) => /(nats-server|postmaster)\.pid$/.test(name))) {
    const pid = await endOrphan(join(dir, path), dir, [['SIGKILL', 10_000]]);
    if (pid !== undefined) say(`ended a server that a test left behind: ${path} (pid ${pid})`);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
