/** A whole deployment that a chaos program breaks: nats-server, PostgreSQL, nodes, and the people in one tenant. */
import { type KeyHolder, makeAgent, makeService, signUp } from '../../clients/accounts.ts';
import { startNats, type TestNats } from '../../servers/nats.ts';
import { startPostgresServer, type TestPostgres } from '../../servers/postgres.ts';
import type { Teardown } from '../../temporary.ts';
import { type KillableNode, openKillableNode } from './killable-node.ts';

/** What the programs need of nats-server, one or a cluster. */
export type Broker = Pick<TestNats, 'url' | 'user' | 'pass' | 'credsFile'>;

export type Deployment = {
  readonly broker: Broker;
  readonly postgres: TestPostgres;
  readonly nodes: readonly KillableNode[];
};

/** What a load needs of it, whoever runs it. */
export type Loaded = {
  readonly broker: Broker;
  readonly postgres: Pick<TestPostgres, 'url'>;
  readonly nodes: readonly Pick<KillableNode, 'url'>[];
};

export type DeploymentOptions = {
  /** Default 2. */
  readonly nodes?: number;
  /** Of each node; default: it is one process. */
  readonly workers?: number;
  /** Default: one nats-server of its own. */
  readonly broker?: Broker;
  /** Default: a PostgreSQL of its own. */
  readonly postgres?: TestPostgres;
  /** How the nodes reach PostgreSQL; default: directly. */
  readonly databaseUrl?: (postgres: TestPostgres) => string;
  /** Variables of every node. */
  readonly env?: Readonly<Record<string, string>>;
};

/**
 * PostgreSQL flushes as in production, because some programs kill it: what it said is committed must be there
 * after it. Everything is ended with the test.
 */
export async function openDeployment(t: Teardown, options: DeploymentOptions = {}): Promise<Deployment> {
  const broker = options.broker ?? (await startNats(t));
  const postgres = options.postgres ?? (await startPostgresServer(t, { isDurable: true }));
  const database = { url: options.databaseUrl?.(postgres) ?? postgres.url };
  const env = { NATS_CREDS: broker.credsFile, ...options.env };
  const workers = options.workers === undefined ? {} : { workers: options.workers };
  const nodes: KillableNode[] = [];
  // One after another: the first one makes the schema and the streams.
  for (let count = 0; count < (options.nodes ?? 2); count += 1)
    nodes.push(await openKillableNode({ nats: broker, database, env, ...workers }, t));
  return { broker, postgres, nodes };
}

export type Cast = {
  readonly tenant: string;
  readonly agents: readonly KeyHolder[];
  /** May follow everything on NATS. */
  readonly service: KeyHolder;
  /** A token of the owner, who takes part in everything. It lasts 15 minutes: the programs do not. */
  readonly ownerToken: string;
  readonly ownerId: string;
};

/** A new tenant with so many agents. */
export async function makeCast(node: { readonly url: string }, agentCount: number): Promise<Cast> {
  const owner = await signUp(node);
  const agents: KeyHolder[] = [];
  for (let index = 0; index < agentCount; index += 1)
    agents.push(await makeAgent(node, owner, `agent ${index}`));
  const service = await makeService(node, owner);
  return { tenant: owner.tenant, agents, service, ownerToken: owner.token, ownerId: owner.id };
}
