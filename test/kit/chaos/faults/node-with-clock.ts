/** A node whose wall clock a test sets while it runs. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { call } from '../../clients/http-client.ts';
import { until } from '../../log-entries.ts';
import type { NodeServers } from '../../servers/node.ts';
import { type Teardown, temporaryDir } from '../../temporary.ts';
import { type KillableNode, openKillableNode } from './killable-node.ts';

export type NodeWithClock = KillableNode & {
  /** So far ahead of this machine's clock, milliseconds, negative for behind. Resolves when the node goes by it. */
  setClock(aheadMs: number): Promise<void>;
};

/** How exactly the node is asked what time it is. */
const exactMs = 5_000;

export async function openNodeWithClock(
  servers: NodeServers,
  t: Teardown,
  aheadMs = 0,
): Promise<NodeWithClock> {
  const dir = await temporaryDir('clock');
  const file = join(dir.path, 'ahead-ms');
  // A rename, so that the node never reads half of it.
  const write = async (ms: number): Promise<void> => {
    await writeFile(`${file}.new`, String(ms));
    await rename(`${file}.new`, file);
  };
  await write(aheadMs);
  const loaded = ['--import', new URL('./clock-from-file.js', import.meta.url).href];
  const env = { ...servers.env, PARLEY_TEST_CLOCK: file };
  t.teardown(() => dir.remove());
  const node = await openKillableNode({ ...servers, env, execArgv: loaded }, t);
  return {
    ...node,
    async setClock(ms) {
      await write(ms);
      await until(async () => {
        const { body } = await call(node, 'GET', '/healthz');
        return Math.abs(Date.parse(body.timestamp) - Date.now() - ms) < exactMs;
      });
    },
  };
}
