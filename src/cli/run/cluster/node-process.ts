/** A node of `parley cluster`: `parley serve --workers` as a child, owned by a pid file, logging to a file. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChildServer, type Exit, logTail, startChild } from '../../../adapters/embedded/child-server.ts';
import { endOrphan } from '../../../adapters/embedded/pid-file.ts';
import { holds } from '../../../adapters/embedded/process-identity.ts';
import { reachableHost } from '../../../compose/servers/reachable-host.ts';
import { Failure } from '../../failure.ts';

export interface NodeProcessOptions {
  /** `node-1`. */
  readonly name: string;
  /** Absolute; the pid file and the log are in `<dataDir>/<name>`. */
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  /** NATS_URL, DATABASE_URL and everything else that a node reads. */
  readonly env: NodeJS.ProcessEnv;
  /** Called when it ends although nobody closed it. */
  readonly onExit: (exit: Exit) => void;
  /** Ends it while it is starting. */
  readonly signal: AbortSignal;
}

export interface NodeProcess {
  readonly name: string;
  readonly url: string;
  /** Of the supervisor of its workers. */
  readonly pid: number;
  readonly logPath: string;
  /** Drains it, and ends it hard when it does not end. */
  close(): Promise<void>;
}

/** Migrations of a new database, and the projector's first look at every partition. */
const startMsMax = 120_000;
/** Longer than a drain by its own bounds. */
const endSignals = [
  ['SIGTERM', 35_000],
  ['SIGKILL', 5_000],
] as const;

/** Starts a node and resolves when it is ready. A failed start ends what it began and says why. */
export async function startNodeProcess(options: NodeProcessOptions): Promise<NodeProcess> {
  const { name, dataDir, host, port, workers, env, signal } = options;
  const dir = join(dataDir, name);
  await mkdir(dir, { recursive: true });
  const logPath = join(dir, 'node.log');
  const [, script = ''] = process.argv;
  const args = [...process.execArgv, script, 'serve', '--workers', `${workers}`];
  const place = ['--port', `${port}`, '--host', host, '--data-dir', dataDir];
  const child = await startChild(process.execPath, [...args, ...place], logPath, { env });
  const url = `http://${reachableHost(host)}:${port}`;
  try {
    await writeFile(pidFile(dataDir, name), `${child.pid}`);
    await untilReady(child, url, logPath, signal);
  } catch (error) {
    await child.end(endSignals);
    throw error;
  }
  let isClosing = false;
  void child.exited.then((exit) => {
    if (!isClosing) options.onExit(exit);
  });
  return {
    ...{ name, url, pid: child.pid, logPath },
    close() {
      isClosing = true;
      return child.end(endSignals);
    },
  };
}

/** Ends the node that a killed `parley cluster` left here; its workers end with it. */
export async function endNodeOrphan(dataDir: string, name: string): Promise<number | undefined> {
  return endOrphan(pidFile(dataDir, name), dataDir, endSignals);
}

function pidFile(dataDir: string, name: string): string {
  return join(dataDir, name, 'node.pid');
}

async function untilReady(
  child: ChildServer,
  url: string,
  logPath: string,
  signal: AbortSignal,
): Promise<void> {
  const isOver = (): boolean => !child.isRunning() || signal.aborted;
  const settled = await holds(async () => isOver() || (await isReady(url)), startMsMax);
  if (settled && !isOver()) return;
  if (signal.aborted) throw new Failure(`the node at ${url} was stopped before it was ready`);
  const why = child.isRunning() ? `is not ready after ${startMsMax} ms` : 'ended before it was ready';
  throw new Failure(`the node at ${url} ${why}; the end of ${logPath}:\n${await logTail(logPath)}`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false; // nobody listens yet
  }
}
