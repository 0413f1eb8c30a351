/** `parley admin nats-credentials`: what a nats-server of a deployment and its nodes need to know of each other. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { keptSecret } from '../../adapters/embedded/credentials.ts';
import {
  newNatsCredentials,
  parseNatsCredentials,
  serverVariables,
} from '../../adapters/jetstream/door/nats-credentials.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { note, print, printJson } from '../output.ts';

export function natsCredentialsCommand(): Command {
  const command = new Command('nats-credentials')
    .description("make Parley's own credentials on NATS, and print what nats-server.conf needs of them")
    .requiredOption('--out <file>', 'the file that NATS_CREDS of every node names; one that exists is kept')
    .option('--json', 'print the variables as JSON')
    .action(({ out, json }: { out: string; json?: boolean }) => makeCredentials(resolve(out), json === true));
  return explain(command, {
    notes: ['Needs no server. deploy/secrets.sh calls it and makes everything else that a deployment needs.'],
    json: '`{"PARLEY_NATS_CORE_PASSWORD","PARLEY_NATS_API_PASSWORD","PARLEY_NATS_CALLOUT_PASSWORD","PARLEY_NATS_SYS_PASSWORD","PARLEY_NATS_ISSUER","PARLEY_NATS_XKEY"}`.',
    examples: [['admin nats-credentials --out nats-credentials.json > nats.env', 'both files are secret']],
  });
}

async function makeCredentials(path: string, isJson: boolean): Promise<void> {
  const isNew = !existsSync(path);
  const credentials = parseNatsCredentials(
    isNew ? await keptSecret(path, newNatsCredentials) : await readFile(path, 'utf8'),
  );
  if (credentials === null) throw new Failure(`${path} holds something else: name another file`);
  note(
    `${isNew ? 'Made' : 'Read'} ${path}. It is secret: give it to the nodes (NATS_CREDS) and to nobody else.`,
  );
  note('The lines below are for the environment of nats-server. They hold passwords, too.');
  const variables = serverVariables(credentials);
  if (isJson) return printJson(variables);
  for (const [name, value] of Object.entries(variables)) print(`${name}='"${value}"'`);
}
