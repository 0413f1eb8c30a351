/** Whole nodes over real servers: in this process, or in one of their own that a test may kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openLogger } from '../../../src/adapters/pino/pino-logger.ts';
import type { Node } from '../../../src/compose.ts';
import { readEnvironment } from '../../../src/config/config.ts';
import type { RetryRules } from '../../../src/domain/webhook.ts';
import type { Model } from '../../../src/ports/agents/model.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import { repository, type Teardown } from '../temporary.ts';
import type { TestNats } from './nats.ts';
import type { TestDatabase } from './postgres.ts';

export type NodeServers = {
  readonly nats: Pick<TestNats, 'url' | 'user' | 'pass'>;
  readonly database: Pick<TestDatabase, 'url'>;
  /** Variables over the defaults of tests (any free port, no rate limits, 2 partitions, only errors logged). */
  readonly env?: Readonly<Record<string, string>>;
  /** Of a node in this process; default: pino to stderr. */
  readonly logger?: Logger;
  /** What agents of a node in this process speak with; default: the built-in responder. */
  readonly agentModel?: Model;
  /** When its webhooks are tried again; default: limits. */
  readonly webhookRules?: RetryRules;
  /** As `parley dev`: clients of ElizaOS need no credential. */
  readonly isForOneMachine?: boolean;
  /** Arguments of Node for a process of its own. */
  readonly execArgv?: readonly string[];
  /** Of `parley serve`; default: one node in the process itself. */
  readonly workers?: number;
};

/**
 * How long a list of a node in this process waits for the projection. A node gives up after two seconds and lists
 * what there is; a test asks what is in a list, however slow the machine is just then.
 */
const projectedWaitMsMax = 40_000;

export type TestNode = {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly port: number;
  /** Drains and ends it; may be called again. */
  close(): Promise<void>;
};

export type TestNodeProcess = TestNode & {
  readonly pid: number;
  /** kill -9. */
  kill(): Promise<void>;
};

/** A node in this process, on a free port. With a tap test, it is closed at its end. */
export async function startNode(
  servers: NodeServers,
  t?: Teardown,
): Promise<TestNode & { readonly node: Node }> {
  const { config, errors } = readEnvironment(environment(servers), 'serve');
  const { natsUrl, databaseUrl } = config;
  if (errors.length > 0 || natsUrl === null || databaseUrl === null) throw new Error(errors.join('; '));
  const logger = servers.logger ?? openLogger({ level: config.logLevel, to: 'stderr' });
  const { agentModel, webhookRules, isForOneMachine = false } = servers;
  const given = {
    ...{ isForOneMachine, projectedWaitMsMax },
    ...(agentModel === undefined ? {} : { agentModel }),
    ...(webhookRules === undefined ? {} : { webhookRules }),
  };
  // Half a second of modules, which a file with nodes in processes of their own alone does without.
  const { openNode } = await import('../../../src/compose.ts');
  const node = await openNode({ ...config, ...given, natsUrl, databaseUrl }, logger);
  const close = (): Promise<void> => node.close();
  t?.teardown(close);
  return { url: node.url, port: node.port, node, close };
}

/**
 * `parley serve` in a process of its own, on a free port (or on PORT of `env`, to come back on it). With a
 * tap test, it is ended at its end.
 */
export async function startNodeProcess(servers: NodeServers, t?: Teardown): Promise<TestNodeProcess> {
  const script = join(repository, 'dist/src/main.js');
  const workers = servers.workers === undefined ? [] : ['--workers', String(servers.workers)];
  const child = spawn(process.execPath, [...(servers.execArgv ?? []), script, 'serve', ...workers], {
    env: { PATH: process.env['PATH'], ...environment(servers), LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  t?.teardown(() => end('SIGKILL'));
  const url = await Promise.race([
    listening(child),
    exited.then(([code]) => {
      throw new Error(`the node ended with ${code} before it listened`);
    }),
  ]);
  const { pid = 0 } = child;
  return {
    url,
    port: Number(new URL(url).port),
    pid,
    close: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** A free port is the node's own choice, so its log says where it listens; later lines are passed over. */
async function listening({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the node has no stdout');
  const lines = createInterface({ input: stdout });
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const { message, url, level } = parsed(line);
      if (message === 'listening' && url !== undefined) resolve(url);
      if (level === 'error') process.stderr.write(`${line}\n`);
    });
  });
}

function parsed(line: string): { message?: string; url?: string; level?: string } {
  try {
    return JSON.parse(line) as ReturnType<typeof parsed>;
  } catch {
    return {};
  }
}

function environment({ nats, database, env }: NodeServers): Record<string, string> {
  const login = `${encodeURIComponent(nats.user)}:${encodeURIComponent(nats.pass)}`;
  const servers = nats.url.split(',').map((one) => `nats://${login}@${new URL(one).host}`);
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    NATS_URL: servers.join(','),
    DATABASE_URL: database.url,
    PARLEY_PARTITIONS: '2',
    PARLEY_RATE_LIMIT: 'off',
    LOG_LEVEL: 'error',
    ...env,
  };
}
