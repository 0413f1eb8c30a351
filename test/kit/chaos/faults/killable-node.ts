/** A node in a process of its own that a test kills, stops for a while and starts again on the same port. */
import { gone } from '../../servers/killable-server.ts';
import type { NodeServers, TestNodeProcess } from '../../servers/node.ts';
import { startNodeProcess } from '../../servers/node.ts';
import { quietPort, type Teardown } from '../../temporary.ts';

export type KillableNode = {
  /** `http://127.0.0.1:port`, the same after a restart. */
  readonly url: string;
  pid(): number;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGTERM, and waits until it has drained and ended. */
  drain(): Promise<void>;
  /** Starts it again after kill() or drain(). */
  start(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
};

const execArgv = ['--expose-gc', '--import', new URL('./collect-on-signal.js', import.meta.url).href];

/** Starts `parley serve` on a port of its own; ended with the test. */
export async function openKillableNode(servers: NodeServers, t: Teardown): Promise<KillableNode> {
  const port = String(await quietPort());
  const open = (): Promise<TestNodeProcess> =>
    startNodeProcess({
      ...servers,
      env: { ...servers.env, PORT: port },
      execArgv: [...execArgv, ...(servers.execArgv ?? [])],
    });
  let node = await open();
  // SIGKILL ends a stopped process, too; one that is gone already takes no signal.
  t.teardown(() => node.kill());
  return {
    url: node.url,
    pid: () => node.pid,
    kill: () => node.kill(),
    drain: () => node.close(),
    pause: () => void process.kill(node.pid, 'SIGSTOP'),
    resume: () => void process.kill(node.pid, 'SIGCONT'),
    async start() {
      await gone(node.pid);
      node = await open();
    },
  };
}
