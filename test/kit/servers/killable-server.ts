/** What a test may do to a server of its own, whichever it is: kill it, stop it for a while, start it again. */
import { holds, isAlive } from '../../../src/adapters/embedded/process-identity.ts';
import type { Teardown, temporaryDir } from '../temporary.ts';

export type KillableServer = {
  /** Where its store lies. */
  readonly dataDir: string;
  pid(): number;
  /** kill -9; the store stays. */
  kill(): Promise<void>;
  /** Starts it again on the same store and port; a running one is shut down cleanly first. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends it and deletes the store. */
  stop(): Promise<void>;
};

interface Opened {
  readonly pid: number;
  readonly port: number;
  close(): Promise<void>;
}

/** Opens a server on a store; `present()` is the one that runs since the last restart. Stopped with the test. */
export async function openKillable<Server extends Opened>(
  dir: Awaited<ReturnType<typeof temporaryDir>>,
  port: number,
  open: (port: number) => Promise<Server>,
  t?: Teardown,
): Promise<KillableServer & { present(): Server }> {
  let server = await open(port);
  const home = server.port;
  const killable: KillableServer & { present(): Server } = {
    dataDir: dir.path,
    present: () => server,
    pid: () => server.pid,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await gone(server.pid);
      await server.close();
    },
    async restart() {
      await server.close();
      server = await open(home);
      if (server.port !== home) throw new Error(`port ${home} was taken while its server was away`);
    },
    pause: () => void process.kill(server.pid, 'SIGSTOP'),
    resume: () => void process.kill(server.pid, 'SIGCONT'),
    async stop() {
      // A stopped process takes no signal but SIGKILL: let it run before it is asked to end.
      if (await isAlive(server.pid)) process.kill(server.pid, 'SIGCONT');
      await server.close();
      await dir.remove();
    },
  };
  t?.teardown(() => killable.stop());
  return killable;
}

/** Waits until a process is gone. */
export async function gone(pid: number): Promise<void> {
  if (!(await holds(async () => !(await isAlive(pid)), 30_000)))
    throw new Error(`process ${pid} does not end`);
}
