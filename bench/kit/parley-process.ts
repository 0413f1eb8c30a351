/** Starts the built server as a person would, on free ports and an empty data directory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/adapters/embedded/free-port.ts';
import { until } from './wait.ts';

export type ParleyProcess = {
  /** The end of its log. */
  logTail(): Promise<string>;
  readonly pid: number;
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** `ws://127.0.0.1:port/v1/socket`. */
  readonly socketUrl: string;
  close(): Promise<void>;
};

export type ParleyOptions = {
  /** `nats://user:password@host:port` of the server that the references use too. */
  readonly natsUrl: string;
  readonly dataDir: string;
  /** Where `--cpu-prof` leaves its profile; none: no profile. */
  readonly profileDir?: string | undefined;
  /** `parley serve --workers` on this database instead of `parley dev` with one of its own. */
  readonly serve?: { readonly workers: number; readonly databaseUrl: string } | undefined;
};

/** What clients of the ElizaOS server API show, here and at the real server. */
export const elizaKey = 'a key for a bench';

const readyMs = 60_000;
/** A drain ends its sockets in waves; then PostgreSQL flushes. */
const endMs = 30_000;
const logTailBytes = 3_000;

/** Starts `parley dev` (or `serve`) and waits until /readyz answers 200. Its output goes to `<dataDir>/parley.log`. */
export async function startParley(options: ParleyOptions): Promise<ParleyProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logPath = join(options.dataDir, 'parley.log');
  const output = openSync(logPath, 'a');
  const { serve } = options;
  const command = serve === undefined ? ['dev'] : ['serve', '--workers', `${serve.workers}`];
  const child = spawn(process.execPath, [...execArguments(options), mainScript(), ...command], {
    env: { ...process.env, ...environment(options, port) },
    stdio: ['ignore', output, output],
    detached: true, // Ctrl-C reaches only us, and we end it in order
  });
  closeSync(output);
  await once(child, 'spawn');
  const exited = once(child, 'exit');
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const endHard = (): boolean => child.kill('SIGTERM');
  process.once('exit', endHard);
  const close = async (): Promise<void> => {
    process.removeListener('exit', endHard);
    if (!isRunning()) return;
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), endMs);
    await exited;
    clearTimeout(hard);
  };
  const logTail = async (): Promise<string> => (await readFile(logPath, 'utf8')).slice(-logTailBytes);
  try {
    await until('parley is ready', async () => !isRunning() || (await isReady(url)), readyMs, 50);
    if (!isRunning()) throw new Error('parley ended before it was ready');
  } catch (error) {
    await close();
    throw new Error(`parley does not start; the end of its log:\n${await logTail()}`, { cause: error });
  }
  return { pid: child.pid ?? 0, url, socketUrl: `ws://127.0.0.1:${port}/v1/socket`, logTail, close };
}

function mainScript(): string {
  return fileURLToPath(new URL('../../src/main.js', import.meta.url));
}

function execArguments(options: ParleyOptions): readonly string[] {
  const profile =
    options.profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profileDir}`];
  // As `make run` starts it (NODE_FLAGS in the Makefile).
  return ['--enable-source-maps', '--max-semi-space-size=32', '--heap-growing-percent=100', ...profile];
}

function environment(options: ParleyOptions, port: number): Record<string, string> {
  return {
    PORT: `${port}`,
    HOST: '127.0.0.1',
    DATA_DIR: options.dataDir,
    NATS_URL: options.natsUrl,
    ...(options.serve === undefined ? {} : { DATABASE_URL: options.serve.databaseUrl }),
    PARLEY_RATE_LIMIT: 'off',
    PARLEY_ADMIN_EMAIL: 'admin@bench.example',
    PARLEY_ADMIN_PASSWORD: 'a password for a bench',
    ELIZA_SERVER_AUTH_TOKEN: elizaKey,
    SERVER_API_KEY: elizaKey,
    PARLEY_DELTA_WINDOW_MS: '0', // issue 2 §6 measures tokens without a window; nothing else depends on it
  };
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.status === 200;
}
