/** `parley doctor`: would a node work here, and if not, what is to be done? */
import { access, constants } from 'node:fs/promises';
import { Command } from 'commander';
import { natsBinary } from '../../adapters/embedded/nats-binary.ts';
import { packagePath } from '../../config/package-path.ts';
import { sentenceOf } from '../failure.ts';
import { explain } from '../help.ts';
import { columns, print, printJson } from '../output.ts';
import { quietLogger } from '../quiet-logger.ts';
import { readConfig } from '../read-config.ts';
import type { Finding } from './doctor/finding.ts';
import { checkNats, checkPostgres, checkRuntime } from './doctor/findings.ts';
import { checkExternalIdentity } from './doctor/identity-findings.ts';
import { checkMasterKey } from './doctor/master-key-finding.ts';
import { checkMediaStore } from './doctor/media-finding.ts';
import { checkSpeech } from './doctor/speech-finding.ts';
import { findServers } from './servers.ts';

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('check this machine and the servers of a node, and say what to do about what is wrong')
    .option('--json', 'print the findings as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await diagnose();
      if (json === true) printJson(findings);
      else for (const line of report(findings)) print(line);
      if (findings.some(({ status }) => status === 'broken')) process.exitCode = 1;
    });
  return explain(command, {
    notes: [
      'Node, open files, NATS (version, JetStream, streams and their replicas, what a power failure would lose, services), PostgreSQL (version, migrations, walls between tenants), clocks, the master key, identity providers, the media store, engines for speech, the data directory. `ok`, `note` (it works, but not for long or not well) or `FAIL`; ends with 1 if anything is FAIL. Changes nothing.',
    ],
    json: 'one array of `{"check","status":"ok"|"advice"|"broken","found","remedy"?}`.',
    examples: [
      ['doctor', 'with the environment of a node, or beside a running `parley dev`'],
      [`doctor --json | jq '.[] | select(.status == "broken")'`, 'for monitoring'],
    ],
  });
}

async function diagnose(): Promise<readonly Finding[]> {
  const config = readConfig();
  const servers = await findServers(config, config.dataDir);
  return [
    ...checkRuntime(),
    ...(servers.natsUrl === null
      ? [await checkNatsBinary()]
      : await checkNats(servers.natsUrl, servers.natsCreds ?? undefined, quietLogger)),
    ...(servers.databaseUrl === null
      ? [embeddedPostgres]
      : await checkPostgres(servers.databaseUrl, quietLogger)),
    await checkMasterKey(config, servers.databaseUrl),
    ...(await checkExternalIdentity(config)),
    ...(await checkMediaStore(config)),
    ...(await checkSpeech(config)),
    await checkDataDir(config.dataDir),
  ];
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
    return {
      check,
      status: 'broken',
      found: sentenceOf(error),
      remedy: 'install it, or set NATS_SERVER or NATS_URL',
    };
  }
}

async function checkDataDir(dataDir: string): Promise<Finding> {
  const check = 'data directory';
  try {
    await access(dataDir, constants.R_OK | constants.W_OK);
    return { check, status: 'ok', found: dataDir };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing) return { check, status: 'ok', found: `${dataDir} (made at the first start)` };
    return {
      check,
      status: 'broken',
      found: sentenceOf(error),
      remedy: 'give it to this user, or set DATA_DIR',
    };
  }
}

const marks = { ok: 'ok', advice: 'note', broken: 'FAIL' } as const;

function report(findings: readonly Finding[]): readonly string[] {
  const table = columns(findings.map(({ check, status, found }) => [marks[status], check, found])).split(
    '\n',
  );
  return table.flatMap((line, index) => {
    const remedy = findings[index]?.remedy;
    return remedy === undefined ? [line] : [line, `      -> ${remedy}`];
  });
}
