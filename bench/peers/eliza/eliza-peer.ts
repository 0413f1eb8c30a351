/** The real `@elizaos/server` on loopback with an empty data directory, of which nothing is left when it is closed. */
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../src/adapters/embedded/free-port.ts';
import { type BesideProcess, startBeside } from '../../kit/beside-process.ts';
import { installEliza } from './install-eliza.ts';

export type ElizaPeer = {
  readonly pid: number;
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  close(): Promise<void>;
};

/** A cold one makes the schema of its embedded PostgreSQL. */
const startMs = 60_000;
const logTailBytes = 3_000;

/**
 * Installs it where that was not done yet, and starts it. `key` is what REST and sockets must show. It ends by
 * close(), and with this process whatever ends that.
 */
export async function openElizaPeer(key: string, say: (line: string) => void): Promise<ElizaPeer> {
  const { entry, bun } = await installEliza(say);
  const dir = await mkdtemp(join(tmpdir(), 'parley-bench-eliza-'));
  const removed = (): Promise<void> => rm(dir, { recursive: true, force: true, maxRetries: 5 });
  const port = await freePort();
  const logPath = join(dir, 'eliza.log');
  const output = openSync(logPath, 'a');
  let beside: BesideProcess<object>;
  try {
    const script = fileURLToPath(new URL('./serve-eliza.js', import.meta.url));
    beside = await startBeside('the real @elizaos/server', script, [entry, dir, `${port}`], {
      startMs,
      run: {
        execPath: bun,
        execArgv: [],
        cwd: dir,
        env: environment(dir, key),
        stdio: ['ignore', output, output, 'ipc'],
      },
    });
  } catch (error) {
    const log = (await readFile(logPath, 'utf8')).slice(-logTailBytes);
    await removed();
    throw new Error(`the real @elizaos/server does not start; the end of its log:\n${log}`, { cause: error });
  } finally {
    closeSync(output);
  }
  return {
    pid: beside.pid,
    url: `http://127.0.0.1:${port}`,
    async close() {
      await beside.close();
      await removed();
    },
  };
}

/**
 * Nothing of our own environment. It writes below its working directory and its home, and reports errors to its
 * makers unless told otherwise.
 */
function environment(dir: string, key: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: dir,
    SERVER_HOST: '127.0.0.1',
    ELIZA_SERVER_AUTH_TOKEN: key,
    SERVER_API_KEY: key,
    SENTRY_DSN: 'http://nobody@127.0.0.1:9/1',
  };
}
