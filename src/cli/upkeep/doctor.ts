/** `parley doctor`: would a node work here, and if not, what is to be done? */
import { Command } from 'commander';
import { natsBinary } from '../../adapters/embedded/nats-binary.ts';
import { type Config, type ReadEnvironment, readEnvironment } from '../../config/config.ts';
import { packagePath } from '../../config/package-path.ts';
import { sentenceOf } from '../failure.ts';
import { explain } from '../help.ts';
import { columns, print, printJson } from '../output.ts';
import { quietLogger } from '../quiet-logger.ts';
import { checkCertificate } from './doctor/certificate-finding.ts';
import { type Finding, guarded } from './doctor/finding.ts';
import { checkExternalIdentity } from './doctor/identity-findings.ts';
import { checkMasterKey } from './doctor/master-key-finding.ts';
import { checkMediaStore } from './doctor/media-finding.ts';
import { checkNats } from './doctor/nats-findings.ts';
import { checkPostgres } from './doctor/postgres-findings.ts';
import { checkDataDir, checkPort, checkRuntime } from './doctor/runtime-findings.ts';
import { secretFindings } from './doctor/secret-findings.ts';
import { checkSpeech } from './doctor/speech-finding.ts';
import { findServers, type Servers } from './servers.ts';

type DoctorOptions = { readonly json?: boolean; readonly strict?: boolean };

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('check this machine and the servers of a node, and say what to do about what is wrong')
    .option('--strict', 'end with 1 also when something is only warned of')
    .option('--json', 'print the findings as JSON')
    .action(async ({ json, strict }: DoctorOptions) => {
      const findings = await diagnose();
      if (json === true) printJson(findings);
      else for (const line of report(findings)) print(line);
      const counts = (status: Finding['status']): boolean =>
        status === 'fail' || (strict === true && status === 'warn');
      if (findings.some(({ status }) => counts(status))) process.exitCode = 1;
    });
  return explain(command, {
    notes: [
      'This machine (Node, open files, disk, the port), the configuration (errors, secrets that are easily guessed, what is for one machine only, the certificate, the master key), NATS (version, JetStream, streams and what differs in them, replicas, what a power failure would lose, how full it is, services), the projection, PostgreSQL (version, connections, migrations, walls between tenants), webhooks that failed, clocks, identity providers, the media store, engines for speech.',
      '`ok`, `warn` (it works, but not for long or not well) or `FAIL` (a node would not work, or not be safe). Changes nothing. Secrets and settings are judged where NATS_URL and DATABASE_URL are set: `parley dev` may have what it likes.',
    ],
    json: 'one array of `{"check","status":"ok"|"warn"|"fail","found","remedy"?}`.',
    examples: [
      ['doctor', 'with the environment of a node, or beside a running `parley dev`'],
      ['doctor --strict', 'in a pipeline that tolerates no warning, either'],
      [`doctor --json | jq '.[] | select(.status == "fail")'`, 'for monitoring'],
    ],
  });
}

/** What is apart from each other is asked at once: a server that does not answer delays its own findings only. */
async function diagnose(): Promise<readonly Finding[]> {
  const isDeployment = (process.env['NATS_URL'] ?? '') !== '' && (process.env['DATABASE_URL'] ?? '') !== '';
  const environment = readEnvironment(process.env, isDeployment ? 'serve' : 'dev');
  const { config } = environment;
  const servers = await findServers(config, config.dataDir);
  const found = await Promise.all([
    guarded('node', async () => checkRuntime()),
    guarded('data directory', () => checkDataDir(config.dataDir)),
    guarded('port', async () => [await checkPort(config.host, config.port)]),
    guarded('configuration', async () => configurationFindings(environment)),
    guarded('secrets', async () => (isDeployment ? secretFindings(config) : [])),
    guarded('certificate', () => checkCertificate(config, Date.now())),
    guarded('master key', async () => [await checkMasterKey(config, servers.databaseUrl)]),
    guarded('nats', () => ofNats(servers, config, isDeployment)),
    guarded('postgres', () => ofPostgres(servers, config)),
    guarded('identity providers', () => checkExternalIdentity(config)),
    guarded('media store', () => checkMediaStore(config)),
    guarded('speech', () => checkSpeech(config)),
  ]);
  return found.flat();
}

function configurationFindings({ errors, warnings: all }: ReadEnvironment): readonly Finding[] {
  // That of a missing one has its own line.
  const warnings = all.filter((warning) => !warning.startsWith('PARLEY_MASTER_KEY '));
  const check = 'configuration';
  const remedy = '`parley check-config` shows every variable; schemas/config.md explains them';
  if (errors.length === 0 && warnings.length === 0)
    return [{ check, status: 'ok', found: 'nothing is wrong with the environment' }];
  return [
    ...errors.map((found): Finding => ({ check, status: 'fail', found, remedy })),
    ...warnings.map((found): Finding => ({ check, status: 'warn', found, remedy })),
  ];
}

async function ofNats(
  { natsUrl: url, natsCreds }: Servers,
  { partitions, replicas }: Config,
  isDeployment: boolean,
): Promise<readonly Finding[]> {
  if (url === null) return [await checkNatsBinary()];
  const place = { url, credsFile: natsCreds ?? undefined, log: quietLogger };
  // Beside `parley dev` or `parley cluster` the numbers are theirs, and not in this environment.
  return checkNats(place, isDeployment ? { partitions, replicas } : null);
}

async function ofPostgres({ databaseUrl }: Servers, { partitions }: Config): Promise<readonly Finding[]> {
  return databaseUrl === null ? [embeddedPostgres] : checkPostgres(databaseUrl, partitions, quietLogger);
}

const embeddedPostgres: Finding = {
  check: 'postgres',
  status: 'ok',
  found: 'DATABASE_URL is not set: `parley dev` starts its own (`parley serve` needs one)',
};

/** Nothing is set and nothing runs: then `parley dev` needs a binary. */
async function checkNatsBinary(): Promise<Finding> {
  const check = 'nats';
  try {
    const path = await natsBinary(process.env['NATS_SERVER'], packagePath('deploy/nats-server.sh'));
    const found = `NATS_URL is not set: \`parley dev\` starts ${path} (\`parley serve\` needs one)`;
    return { check, status: 'ok', found };
  } catch (error) {
    const remedy = 'install it, or set NATS_SERVER or NATS_URL';
    return { check, status: 'fail', found: sentenceOf(error), remedy };
  }
}

const marks = { ok: 'ok', warn: 'warn', fail: 'FAIL' } as const;

function report(findings: readonly Finding[]): readonly string[] {
  const rows = findings.map(({ check, status, found }) => [marks[status], check, found]);
  const lines = columns(rows).split('\n');
  const count = (asked: Finding['status']): number =>
    findings.filter(({ status }) => status === asked).length;
  return [
    ...lines.flatMap((line, index) => {
      const remedy = findings[index]?.remedy;
      return remedy === undefined ? [line] : [line, `      -> ${remedy}`];
    }),
    '',
    `${count('ok')} ok, ${count('warn')} warned of, ${count('fail')} failed`,
  ];
}
