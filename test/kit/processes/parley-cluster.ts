/** `parley cluster` as people run it: its own data directory, its own ports, ended with the test. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestNats, testNatsBinary } from '../servers/nats.ts';
import { quietPort, type Teardown, temporaryDir } from '../temporary.ts';
import { type ParleyProcess, startParley } from './parley-process.ts';

/** A process of the cluster, as it was printed at the start. */
export type ClusterPart = { readonly name: string; readonly url: string; readonly pid: number };

export type ParleyCluster = {
  readonly process: ParleyProcess;
  readonly dataDir: string;
  readonly nodes: readonly [ClusterPart, ClusterPart];
  /** nats-servers, `nats://…`, with their monitoring pages. */
  readonly servers: readonly (ClusterPart & { readonly monitorUrl: string })[];
  /** For those who look behind the nodes: Parley's own user of NATS, the database. */
  readonly broker: Pick<TestNats, 'url' | 'user' | 'pass' | 'credsFile'>;
  readonly postgres: { readonly url: string };
  readonly administrator: { readonly email: string; readonly password: string };
};

type Env = Readonly<Record<string, string>>;

/** A data directory of the test, for a cluster that comes back. */
export async function clusterDir(t: Teardown): Promise<string> {
  const dir = await temporaryDir('cluster');
  t.teardown(dir.remove);
  return dir.path;
}

/** Three nats-servers, PostgreSQL, two nodes of two workers; resolves when all are ready. */
export async function startParleyCluster(
  t: Teardown,
  dataDir: string,
  env: Env = {},
): Promise<ParleyCluster> {
  const process = startParley(t, ['cluster', '--nodes', '2', '--workers', '2'], {
    DATA_DIR: dataDir,
    PORT: String(await quietPort()),
    NATS_PORT: String(await quietPort()),
    NATS_SERVER: await testNatsBinary(),
    ...env,
  });
  await process.says(/^Parley runs as a cluster[\s\S]*doctor\n/m);
  const printed = process.printed();
  const parts = (kind: string): ClusterPart[] =>
    [...printed.matchAll(new RegExp(`^ +(${kind}-\\d) +(\\S+) +\\(pid (\\d+),`, 'gm'))].map(
      ([, name = '', url = '', pid]) => ({ name, url, pid: Number(pid) }),
    );
  const [one, two] = parts('node');
  if (one === undefined || two === undefined) throw new Error(`it did not print two nodes: ${printed}`);
  const monitors = [...printed.matchAll(/monitoring (http[^)]+)\)/g)].map(([, url = '']) => url);
  const servers = parts('nats').map((server, index) => ({ ...server, monitorUrl: monitors[index] ?? '' }));
  const read = async (name: string) => JSON.parse(await readFile(join(dataDir, name), 'utf8'));
  const { databaseUrl, natsUrl, natsCreds: credsFile, email, password } = await read('cli.json');
  const broker = { url: natsUrl, user: 'core', pass: (await read('credentials.json')).core, credsFile };
  return {
    ...{ process, dataDir, nodes: [one, two], servers, broker },
    ...{ postgres: { url: databaseUrl }, administrator: { email, password } },
  };
}
