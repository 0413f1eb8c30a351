/** Two nodes of one deployment in this process: HTTP, sockets, projection. */
import type { Teardown } from '../temporary.ts';
import { startNats, type TestNats } from './nats.ts';
import { type NodeServers, startNode } from './node.ts';
import { startPostgres } from './postgres.ts';

type WholeNode = Awaited<ReturnType<typeof startNode>>;

export async function startTwoWholeNodes(
  t: Teardown,
  more: Pick<NodeServers, 'agentModel'> = {},
): Promise<{
  readonly one: WholeNode;
  readonly two: WholeNode;
  readonly nats: TestNats;
  readonly databaseUrl: string;
}> {
  const [nats, database] = [await startNats(t), await startPostgres(t)];
  const env = { NATS_CREDS: nats.credsFile };
  const one = await startNode({ nats, database, env, ...more }, t);
  const two = await startNode({ nats, database, env, ...more }, t);
  return { one, two, nats, databaseUrl: database.url };
}
