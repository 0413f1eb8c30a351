/** The command `parley` as a process, as people run it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { testNatsBinary } from '../servers/nats.ts';
import { quietPort, repository, type Teardown } from '../temporary.ts';

export type ParleyProcess = {
  readonly pid: number;
  /** The exit code; 128 when a signal ended it. */
  readonly exited: Promise<number>;
  /** Everything on stdout so far. */
  printed(): string;
  stderr(): string;
  /** Waits until stdout or stderr matches. Rejects when the process ends without it. */
  says(pattern: RegExp): Promise<void>;
  signal(signal: NodeJS.Signals): void;
};

export type DevProcess = ParleyProcess & { readonly url: string; readonly dataDir: string };

export type Env = Readonly<Record<string, string>>;

/** How a command ended, and all that it printed. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const script = join(repository, 'dist/src/main.js');

/** Only what is given: a variable of the machine must not change a test. */
export function environment(env: Env): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    LOG_LEVEL: 'warn',
    PARLEY_RATE_LIMIT: 'off',
    ...env,
  };
}

/** Runs a command to its end. */
export function runParley(args: readonly string[], env: Env = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, ...args],
      { env: environment(env), timeout: 60_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 128;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

/** Runs a command to its end whose reader has ended already, as that of `| head -1` soon does. Answers its code and stderr. */
export async function runUnread(args: readonly string[], env: Env = {}): Promise<Omit<Ended, 'stdout'>> {
  const child = spawn(process.execPath, [script, ...args], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  child.stdout.destroy(); // long before it prints anything
  const stderr = gathered(child, 'stderr');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 128, stderr: stderr.text() };
}

/** Starts a command; it is killed at the end of the test if it still runs. */
export function startParley(t: Teardown, args: readonly string[], env: Env = {}): ParleyProcess {
  const child = spawn(process.execPath, [script, ...args], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const exited = once(child, 'exit').then(async ([code]: (number | null)[]) => {
    // What it said last may still be on its way. Who was killed may have left somebody who holds its output open.
    if (typeof code === 'number') await closed;
    return code ?? 128;
  });
  t.teardown(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  const stdout = gathered(child, 'stdout');
  const stderr = gathered(child, 'stderr');
  return {
    pid: child.pid ?? 0,
    exited,
    printed: stdout.text,
    stderr: stderr.text,
    signal: (signal) => void child.kill(signal),
    async says(pattern) {
      const has = (): boolean => pattern.test(stdout.text()) || pattern.test(stderr.text());
      while (!has()) {
        const code = await Promise.race([exited, stdout.more(), stderr.more()]);
        if (typeof code === 'number' && !has()) {
          throw new Error(`it ended with ${code} and did not say ${pattern}: ${stderr.text()}`);
        }
      }
    },
  };
}

/** `parley dev` on a data directory, on ports of its own; resolves when it has printed its welcome. */
export async function startDev(t: Teardown, dataDir: string, env: Env = {}): Promise<DevProcess> {
  const process = startParley(t, ['dev'], {
    DATA_DIR: dataDir,
    PORT: String(await quietPort()),
    NATS_PORT: '0',
    NATS_SERVER: await testNatsBinary(),
    ...env,
  });
  await process.says(/HTTP +http\S+[\s\S]*tail\n/);
  const url = /HTTP +(http\S+)/.exec(process.printed())?.[1] ?? '';
  return { ...process, url, dataDir };
}

function gathered(child: ChildProcess, name: 'stdout' | 'stderr') {
  let text = '';
  let waiting: (() => void)[] = [];
  child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const resolve of waiting.splice(0)) resolve();
  });
  return {
    text: () => text,
    more: () =>
      new Promise<void>((resolve) => {
        waiting = [...waiting, resolve];
      }),
  };
}
