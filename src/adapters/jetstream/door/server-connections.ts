/** What the system account says of connections, and how one is ended: nats-server's own requests and events. */
import type { NatsConnection } from '@nats-io/transport-node';
import { limits } from '../../../domain/limits.ts';
import { parseClientName } from './client-name.ts';
import type { Client } from './connected-clients.ts';

const account = 'PARLEY';

interface ConnectionsPage {
  readonly server: { readonly id: string };
  readonly data?: {
    readonly total: number;
    readonly offset: number;
    readonly connections: readonly {
      readonly cid: number;
      readonly authorized_user?: string;
      readonly subscriptions: number;
    }[];
  };
}

interface ConnectionEvent {
  readonly server: { readonly id: string };
  readonly client: { readonly id: number; readonly user?: string };
}

/** Connections of principals come and go; those of Parley's own users are passed over. */
export function watchConnections(
  connection: NatsConnection,
  on: { readonly connected: (client: Client) => void; readonly gone: (server: string, cid: number) => void },
): void {
  connection.subscribe(`$SYS.ACCOUNT.${account}.CONNECT`, {
    callback: (_error, message) => {
      const { server, client } = message.json<ConnectionEvent>();
      const found = clientOf(server.id, client.id, client.user);
      if (found !== null) on.connected(found);
    },
  });
  connection.subscribe(`$SYS.ACCOUNT.${account}.DISCONNECT`, {
    callback: (_error, message) => {
      const { server, client } = message.json<ConnectionEvent>();
      on.gone(server.id, client.id);
    },
  });
}

/**
 * Calls `onClient` for every connection of a principal on every server, and answers how many connections our
 * own user `callout` has: nodes that answer. Rejects when no server answers.
 */
export async function listConnections(
  connection: NatsConnection,
  onClient: (client: Client) => void,
): Promise<{ readonly answering: number }> {
  let answering = 0;
  function take({ server, data }: ConnectionsPage): boolean {
    for (const { cid, authorized_user: user } of data?.connections ?? []) {
      const client = clientOf(server.id, cid, user);
      if (client !== null) onClient(client);
      else if (user === 'callout') answering += 1;
    }
    return data !== undefined && data.offset + data.connections.length < data.total;
  }

  // How many servers there are is not known: those that answer in time are all there are.
  const pages = await connection.requestMany('$SYS.REQ.SERVER.PING.CONNZ', pageRequest(0), {
    strategy: 'stall',
    maxWait: limits.natsSystemAnswerMs,
  });
  const more: string[] = [];
  for await (const message of pages) {
    const page = message.json<ConnectionsPage>();
    if (take(page)) more.push(page.server.id);
  }
  for (const server of more) {
    for (let offset = limits.natsConnectionsPageMax; ; offset += limits.natsConnectionsPageMax) {
      const answer = await connection.request(`$SYS.REQ.SERVER.${server}.CONNZ`, pageRequest(offset), {
        timeout: limits.natsSystemAnswerMs,
      });
      if (!take(answer.json<ConnectionsPage>())) break;
    }
  }
  return { answering };
}

/** Connections of principals that have more subscriptions than they may, the worst of each server. */
export async function listGreedy(connection: NatsConnection): Promise<readonly Client[]> {
  const request = { auth: true, acc: account, sort: 'subs', limit: limits.natsGreedyPageMax };
  const pages = await connection.requestMany('$SYS.REQ.SERVER.PING.CONNZ', JSON.stringify(request), {
    strategy: 'stall',
    maxWait: limits.natsSystemAnswerMs,
  });
  const greedy: Client[] = [];
  for await (const message of pages) {
    const { server, data } = message.json<ConnectionsPage>();
    for (const { cid, authorized_user: user, subscriptions } of data?.connections ?? []) {
      const client = clientOf(server.id, cid, user);
      if (client !== null && subscriptions > limits.natsSubscriptionsPerClientMax) greedy.push(client);
    }
  }
  return greedy;
}

/** Ends a connection; one that is gone already is as good. Rejects when its server does not answer. */
export async function endConnection(connection: NatsConnection, { server, cid }: Client): Promise<void> {
  const subject = `$SYS.REQ.SERVER.${server}.KICK`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.request(subject, JSON.stringify({ cid }), { timeout: limits.natsSystemAnswerMs });
      return;
    } catch (error) {
      if (attempt === limits.natsKickAttemptsMax) throw error;
    }
  }
}

function pageRequest(offset: number): string {
  return JSON.stringify({
    auth: true,
    acc: account,
    sort: 'cid',
    limit: limits.natsConnectionsPageMax,
    offset,
  });
}

function clientOf(server: string, cid: number, user: string | undefined): Client | null {
  const name = parseClientName(user ?? '');
  return name === null ? null : { server, cid, name };
}
