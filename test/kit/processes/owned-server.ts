import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repository, type Teardown } from '../temporary.ts';

export type OwnedServer = {
  /** Of the server, not of the process that owns it. */
  readonly pid: number;
  readonly url: string;
  /** kill -9 of the owner: the server becomes an orphan. */
  killOwner(): Promise<void>;
};

/** Starts a server on `dataDir` in a process of its own, as a Parley does that is going to be killed. */
export async function startOwnedServer(
  t: Teardown,
  kind: 'nats' | 'postgres',
  dataDir: string,
): Promise<OwnedServer> {
  const script = join(repository, 'dist/test/kit/processes/server-owner.js');
  const owner = spawn(process.execPath, [script, kind, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(owner, 'exit');
  const killOwner = async (): Promise<void> => {
    owner.kill('SIGKILL');
    await exited;
  };
  t.teardown(killOwner);
  const lines = createInterface({ input: owner.stdout });
  const [line] = await Promise.race([
    once(lines, 'line'),
    exited.then(() => {
      throw new Error('the owner of the server ended before it was ready');
    }),
  ]);
  return { ...(JSON.parse(line as string) as { pid: number; url: string }), killOwner };
}
