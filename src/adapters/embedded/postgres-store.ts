import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, launch } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';

/**
 * Parley's role and database. The role is no superuser, as in a deployment: it may create roles, because
 * the schema makes those that it works as at run time, and databases, so that tests get fresh ones.
 */
export const databaseName = 'parley';

export type StoreSecrets = { readonly password: string; readonly superuserPassword: string };

/**
 * Makes the data directory `<dir>/data` with role and database in it, unless it is there. It is built
 * aside and arrives by one rename: a first start that was cut off leaves nothing half-made.
 */
export async function makePostgresStore(
  dir: string,
  binaries: PostgresBinaries,
  account: Account | undefined,
  secrets: StoreSecrets,
): Promise<string> {
  const data = join(dir, 'data');
  const single = (at: string, input: string): Promise<void> => runSingle(binaries, account, at, input);
  if (await isThere(join(data, 'PG_VERSION'))) {
    // A store of a release whose role could not create roles yet.
    if (!(await isThere(join(dir, roleMark)))) await single(data, alterRole);
    await writeFile(join(dir, roleMark), '');
    return data;
  }
  const aside = join(dir, 'initdb');
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { mode: 0o700 });
  const passwordFile = join(aside, 'password');
  await writeFile(passwordFile, secrets.superuserPassword, { mode: 0o600 });
  if (account !== undefined) {
    await chown(aside, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const making = join(aside, 'data');
  await run(
    await launch(binaries.initdb, initdbArgs(making, passwordFile), account, [making, binaries.postgres]),
  );
  await single(making, roleAndDatabase(secrets.password));
  await rename(making, data);
  await writeFile(join(dir, roleMark), '');
  await rm(aside, { recursive: true, force: true });
  return data;
}

function initdbArgs(data: string, passwordFile: string): string[] {
  return [
    `--pgdata=${data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Sorted by code point: fast, and the same on every machine. Letters still know their cases, which
    // the search needs; macOS has no C.UTF-8.
    '--lc-collate=C',
    `--locale=${process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'}`,
    '--lc-messages=C',
  ];
}

/** One statement a line, as single-user mode wants it. Our passwords are base64url: nothing to escape. */
function roleAndDatabase(password: string): string {
  return `CREATE ROLE ${databaseName} LOGIN CREATEDB CREATEROLE PASSWORD '${password}'
CREATE DATABASE ${databaseName} OWNER ${databaseName}
`;
}

/** A file beside the store: its role has been given all that roleAndDatabase() gives. */
const roleMark = 'role-may-create-roles';
const alterRole = `ALTER ROLE ${databaseName} CREATEROLE\n`;

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Statements as the superuser, without a server: nobody else can be on the store meanwhile. */
async function runSingle(
  { postgres }: PostgresBinaries,
  account: Account | undefined,
  data: string,
  input: string,
): Promise<void> {
  const args = ['--single', '-D', data, '-c', 'exit_on_error=on', 'postgres'];
  await run(await launch(postgres, args, account, [data]), input);
}

async function run(
  { command, args, options }: Awaited<ReturnType<typeof launch>>,
  input = '',
): Promise<void> {
  const env = { PATH: process.env['PATH'] };
  const child = spawn(command, args, { ...options, env, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  const keep = (bytes: Buffer): void => {
    output = (output + bytes.toString('utf8')).slice(-2_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined); // it ended before it read: the exit code says why
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} failed (${String(code)}): ${output.trim()}`);
}
