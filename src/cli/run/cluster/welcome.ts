/** What `parley cluster` prints when all nodes are ready. */
import type { ClusterServer } from '../../../adapters/embedded/nats-cluster.ts';
import type { Calling } from '../calling.ts';
import type { Administrator } from '../dev-administrator.ts';
import { firstLines, loginWords, natsExample } from '../welcome.ts';
import type { NodeProcess } from './node-process.ts';

export interface ClusterWelcomeFacts {
  readonly nodes: readonly Pick<NodeProcess, 'name' | 'url' | 'pid' | 'logPath'>[];
  readonly workers: number;
  readonly natsServers: readonly ClusterServer[];
  /** Null: that of DATABASE_URL. */
  readonly postgres: { readonly pid: number; readonly port: number } | null;
  readonly dataDir: string;
  readonly administrator: Administrator;
  readonly calling: Calling;
}

export function clusterWelcome(facts: ClusterWelcomeFacts): string {
  const { nodes, workers, natsServers, postgres, dataDir, administrator, calling } = facts;
  const { parley } = calling;
  const [one = '', two = one] = nodes.map(({ url }) => url);
  const [nats] = natsServers.map((server) => server.present().url);
  const nodeLines = nodes.map(
    ({ name, url, pid, logPath }) =>
      `  ${name}        ${url}   (pid ${pid}, ${workers} workers, log ${logPath})`,
  );
  const natsLines = natsServers.map((server) => {
    const { url, pid, monitorUrl } = server.present();
    return `  ${server.name}        ${url}   (pid ${pid}, monitoring ${monitorUrl})`;
  });
  const postgresLine =
    postgres === null
      ? ''
      : `\n  postgres      postgres://127.0.0.1:${postgres.port}   (pid ${postgres.pid})`;
  return `
Parley runs as a cluster. Ctrl-C stops all of it; the data stays in ${dataDir}

${nodeLines.join('\n')}
${natsLines.join('\n')}${postgresLine}
  administrator ${loginWords(administrator)}

Every stream has three replicas: end any one of these processes (kill -9 …), and what was acknowledged is there.
Paste these into another terminal: log in at the first node, make a conversation, post to it at the second one.

${firstLines(one, two, administrator.path).join('\n')}
${nats === undefined ? '' : natsExample(one, nats, calling)}
The same from the command line, in this directory; tail shows in one terminal what send posts in another.

  export DATA_DIR='${dataDir}'
  ${parley} tail
  ${parley} send "hello"
  ${parley} doctor
`;
}
