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
import { note, print } from '../output.ts';

export function natsCredentialsCommand(): Command {
  return new Command('nats-credentials')
    .description(
      "make Parley's own credentials for a nats-server, and print the variables of its nats-server.conf",
    )
    .requiredOption('--out <file>', 'the file that NATS_CREDS of every node names; one that exists is kept')
    .action(({ out }: { out: string }) => makeCredentials(resolve(out)));
}

async function makeCredentials(path: string): Promise<void> {
  const isNew = !existsSync(path);
  const credentials = parseNatsCredentials(
    isNew ? await keptSecret(path, newNatsCredentials) : await readFile(path, 'utf8'),
  );
  if (credentials === null) throw new Failure(`${path} holds something else: name another file`);
  note(
    `${isNew ? 'Made' : 'Read'} ${path}. It is secret: give it to the nodes (NATS_CREDS) and to nobody else.`,
  );
  note('The lines below are for the environment of nats-server. They hold passwords, too.');
  for (const [name, value] of Object.entries(serverVariables(credentials))) print(`${name}='"${value}"'`);
}
