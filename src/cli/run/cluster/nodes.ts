/** The nodes of `parley cluster`, each on a port of its own and started again when it dies. */
import { freePorts } from '../../../adapters/embedded/free-port.ts';
import type { Releases } from '../../../compose/releases.ts';
import type { Config } from '../../../config/config.ts';
import { note } from '../../output.ts';
import type { End } from './end.ts';
import { type NodeProcess, startNodeProcess } from './node-process.ts';
import type { Revival } from './revival.ts';

export interface NodesParts {
  readonly config: Config;
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly workers: number;
  readonly reviving: (name: string) => Revival;
  readonly end: End;
  readonly releases: Releases;
}

/** All at the same time; what was started is in `releases`, also when one fails. */
export async function startNodes(
  names: readonly string[],
  parts: NodesParts,
): Promise<readonly NodeProcess[]> {
  const { config } = parts;
  const left = new Set(names);
  const onStopped = (name: string): void => {
    left.delete(name);
    note(`parley: ${name} was stopped; ${left.size === 0 ? 'no node is left' : `${left.size} left`}`);
    if (left.size === 0) parts.end.done();
  };
  const ports = await freePorts(names.length, config.port, config.host);
  const present = new Map<string, NodeProcess>();
  const starting = new Set<Promise<NodeProcess>>();
  const ending = new AbortController();
  parts.releases.add('nodes', async () => {
    ending.abort();
    // One that is just starting (again) ends, too: it would outlive its servers.
    await Promise.allSettled(starting);
    await Promise.all([...present.values()].map((node) => node.close()));
  });
  const starts: Starts = { present, starting, signal: ending.signal };
  const started = await Promise.allSettled(
    names.map((name, index) => keepNode(name, ports[index] ?? 0, starts, onStopped, parts)),
  );
  for (const one of started) if (one.status === 'rejected') throw one.reason;
  return [...present.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Nodes by their names, those that are not ready yet, and the end of all. */
interface Starts {
  readonly present: Map<string, NodeProcess>;
  readonly starting: Set<Promise<NodeProcess>>;
  readonly signal: AbortSignal;
}

async function keepNode(
  name: string,
  port: number,
  { present, starting, signal }: Starts,
  onStopped: (name: string) => void,
  { config: { host }, dataDir, env, workers, reviving }: NodesParts,
): Promise<void> {
  const revival = reviving(name);
  const open = async (): Promise<void> => {
    if (signal.aborted) return;
    const start = startNodeProcess({
      ...{ name, dataDir, host, port, workers, env, signal },
      // Somebody stopped it (SIGTERM, POST /api/stop): that is what they wanted.
      onExit: (exit) => (exit.code === 0 ? onStopped(name) : revival.after(exit, open)),
    });
    starting.add(start);
    try {
      present.set(name, await start);
    } finally {
      starting.delete(start);
    }
  };
  await open();
}
