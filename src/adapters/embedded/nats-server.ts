import { mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Logger } from '../../ports/logger.ts';
import { type ChildServer, type Exit, logTail, startChild } from './child-server.ts';
import { freePort } from './free-port.ts';
import { claim, endOrphan } from './pid-file.ts';
import { holds } from './process-identity.ts';

export type NatsServerOptions = {
  /** Path of a nats-server >= 2.12; `deploy/nats-server.sh` prints one. */
  readonly binary: string;
  /** The repository's `nats-server.conf`, or `deploy/nats-cluster.conf` for one server of a cluster. */
  readonly configPath: string;
  /** The store, the log and the pid file are kept in `<dataDir>/nats`. */
  readonly dataDir: string;
  /** What the configuration needs beyond addresses: passwords and keys, routes of a cluster, `PARLEY_NATS_…`. */
  readonly variables: Readonly<Record<string, string | readonly string[]>>;
  /** Differs between the servers of a cluster, and stays as long as the store does. Default `parley`. */
  readonly name?: string;
  /** First port to try, then the next free ones; 0 lets the server choose any. Default 4222. */
  readonly port?: number;
  /** Port of the monitoring pages on loopback; default 0: the server chooses any. */
  readonly monitorPort?: number;
  /** `always`, or how often files are synced to the disk: `2m` (default). What that means is in nats-server.conf. */
  readonly sync?: string;
  readonly log?: Logger;
  /** Called when the server ends although nobody closed it. */
  readonly onExit?: (exit: Exit) => void;
};

export type NatsServer = {
  /** `nats://host:port`, without credentials. */
  readonly url: string;
  readonly port: number;
  /** `http://127.0.0.1:port`, with /varz, /jsz, /connz. */
  readonly monitorUrl: string;
  readonly pid: number;
  /** Ends the server cleanly. May be called again. */
  close(): Promise<void>;
};

/** Recovery of a store reads its indexes: seconds for tens of gigabytes after a crash, so be patient. */
const startMsMax = 120_000;
/** Another process may take a port between our look and the server's: then look again. */
const portAttemptsMax = 5;
/** On SIGTERM the server flushes its stores; a stopped or stuck one is ended hard after this. */
const endSignals = [
  ['SIGTERM', 10_000],
  ['SIGKILL', 5_000],
] as const;

/**
 * Starts nats-server with JetStream as a child and waits until it answers. A server that a killed Parley
 * left on this store is ended first; a living Parley on it is an error. A failed start ends what it began.
 */
export async function openNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const dir = await storeIn(options.dataDir);
  const release = await claim(join(dir, 'owner'));
  try {
    await endNatsOrphan(options.dataDir, options.log);
    const { child, ports } = await startOnFreePort(options, dir);
    options.log?.info({ pid: child.pid, url: ports.url }, 'nats-server started');
    return handle(options, child, ports, release);
  } catch (error) {
    await release();
    throw error;
  }
}

/** Ends the nats-server that a killed Parley left on this store. The caller holds the claim on it, or on all around it. */
export async function endNatsOrphan(dataDir: string, log?: Logger): Promise<void> {
  const dir = await storeIn(dataDir);
  const orphan = await endOrphan(join(dir, 'nats-server.pid'), dir, endSignals);
  if (orphan !== undefined) log?.warn({ pid: orphan }, 'ended an orphaned nats-server');
}

/** One name for one store, however the caller spelled it. */
async function storeIn(dataDir: string): Promise<string> {
  const made = join(dataDir, 'nats');
  await mkdir(made, { recursive: true });
  return realpath(made);
}

function handle(
  options: NatsServerOptions,
  child: ChildServer,
  ports: Ports,
  release: () => Promise<void>,
): NatsServer {
  let closing: Promise<void> | undefined;
  void child.exited.then((exit) => {
    if (closing === undefined) options.onExit?.(exit);
  });
  return {
    ...ports,
    pid: child.pid,
    close() {
      closing ??= child.end(endSignals).finally(release);
      return closing;
    },
  };
}

type Ports = Pick<NatsServer, 'url' | 'port' | 'monitorUrl'>;

async function startOnFreePort(
  options: NatsServerOptions,
  dir: string,
): Promise<{ child: ChildServer; ports: Ports }> {
  const logPath = join(dir, 'nats-server.log');
  let preferred = options.port ?? 4222;
  for (let attempt = 1; ; attempt += 1) {
    const port = preferred === 0 ? -1 : await freePort(preferred);
    const child = await startOn(options, dir, port, logPath);
    const ports = await readyPorts(child, join(dir, 'ports')).catch(async (error: unknown) => {
      await child.end(endSignals);
      throw error;
    });
    if (ports !== undefined) return { child, ports };
    const reason = await logTail(logPath);
    if (!reason.includes('address already in use') || attempt === portAttemptsMax) {
      throw new Error(`nats-server did not start; the end of ${logPath}:\n${reason}`);
    }
    preferred = port + 1;
  }
}

async function startOn(
  options: NatsServerOptions,
  dir: string,
  port: number,
  logPath: string,
): Promise<ChildServer> {
  const pidFile = join(dir, 'nats-server.pid');
  const portsDir = join(dir, 'ports');
  await rm(portsDir, { recursive: true, force: true });
  await mkdir(portsDir);
  const args = ['--config', options.configPath, '--pid', pidFile, '--ports_file_dir', portsDir];
  const child = await startChild(options.binary, args, logPath, {
    env: {
      PATH: process.env['PATH'],
      PARLEY_NATS_LISTEN: quoted(`127.0.0.1:${port}`),
      PARLEY_NATS_MONITOR: quoted(`127.0.0.1:${options.monitorPort || -1}`),
      PARLEY_NATS_NAME: quoted(options.name ?? 'parley'),
      PARLEY_NATS_STORE: quoted(dir),
      PARLEY_NATS_SYNC: quoted(options.sync ?? '2m'),
      ...Object.fromEntries(Object.entries(options.variables).map(([name, value]) => [name, quoted(value)])),
    },
  });
  // The server writes the same file a moment later; a kill -9 of ours in between must not lose its pid.
  await writeFile(pidFile, `${child.pid}`);
  return child;
}

/** A value as the configuration's parser wants it, so that digits or spaces in a string mean nothing else. */
function quoted(value: string | readonly string[]): string {
  return JSON.stringify(value);
}

/**
 * Waits for the ports file, which the server writes when it listens, and for its greeting. Undefined if
 * the server ended instead.
 */
async function readyPorts(child: ChildServer, portsDir: string): Promise<Ports | undefined> {
  let ports: Ports | undefined;
  const settled = await holds(async () => {
    if (!child.isRunning()) return true;
    const [name] = await readdir(portsDir); // named after the binary and its pid
    if (name === undefined) return false;
    ports = portsIn(await readFile(join(portsDir, name), 'utf8').catch(() => ''));
    return ports !== undefined && (await greets(ports));
  }, startMsMax);
  if (!child.isRunning()) return undefined;
  if (!settled) throw new Error(`nats-server is not ready after ${startMsMax} ms`);
  return ports;
}

function portsIn(text: string): Ports | undefined {
  try {
    const { nats, monitoring } = JSON.parse(text) as { nats: string[]; monitoring: string[] };
    const [url, monitorUrl] = [nats[0], monitoring[0]];
    if (url === undefined || monitorUrl === undefined) return undefined;
    return { url, port: Number(new URL(url).port), monitorUrl };
  } catch {
    return undefined; // not there yet, or half-written
  }
}

/** True if the server sends its INFO line and says that JetStream is on. */
function greets(ports: Ports): Promise<boolean> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(ports.url);
    const socket = connect({ host: hostname, port: Number(port), timeout: 1_000 });
    const answer = (isReady: boolean): void => {
      socket.destroy();
      resolve(isReady);
    };
    socket.once('data', (bytes) => answer(/^INFO .*"jetstream":\s*true/.test(bytes.toString('utf8'))));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}
