/** A service on NATS, as the official client connects it. */
import {
  type ConnectionOptions,
  connect,
  type NatsConnection,
  headers as newHeaders,
} from '@nats-io/transport-node';
import type { TestNats } from '../servers/nats.ts';
import type { Teardown } from '../temporary.ts';

export type Answer = {
  readonly ok: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what the verb answers
  readonly [field: string]: any;
};

export type NatsClient = {
  readonly connection: NatsConnection;
  /** Asks a verb as itself and answers the reply. */
  ask(verb: string, fields?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Null when the server lets it subscribe, else what it says. */
  subscribe(subject: string): Promise<string | null>;
  /** Null when the server lets it publish, else what it says. */
  publish(subject: string, body?: string): Promise<string | null>;
  /** Resolves when the server has disconnected it. */
  readonly ended: Promise<unknown>;
};

type Who = { readonly tenant: string; readonly id: string; readonly token: string };

/** Connects with the token of a principal; rejects when the server refuses it. It does not come back by itself. */
export async function connectAs(
  t: Teardown,
  nats: Pick<TestNats, 'url'>,
  who: Who,
  options: ConnectionOptions = {},
): Promise<NatsClient> {
  const connection = await connect({
    servers: nats.url,
    token: who.token,
    inboxPrefix: `_INBOX_${who.id}`,
    reconnect: false,
    timeout: 30_000,
    ...options,
  });
  t.teardown(() => connection.close());
  return clientOver(connection, who);
}

/** The first thing the server complains about because of `act`; null when it has done it without a word. */
export async function complaintOf(connection: NatsConnection, act: () => void): Promise<string | null> {
  const statuses = connection.status();
  const said = (async () => {
    for await (const status of statuses) if (status.type === 'error') return status.error.message;
    return null;
  })();
  act();
  await connection.flush();
  // The server complains before it answers the flush; its line may still be on its way to the iterator.
  const none = new Promise<null>((resolve) => setImmediate(() => setImmediate(() => resolve(null))));
  return Promise.race([said, none]);
}

function clientOver(connection: NatsConnection, who: Who): NatsClient {
  return {
    connection,
    ended: connection.closed(),
    async ask(verb, fields = {}, headers) {
      const block = newHeaders();
      for (const [name, value] of Object.entries(headers ?? {})) block.set(name, value);
      const subject = `api.${who.tenant}.${who.id}.${verb}`;
      const options = { timeout: 30_000, headers: block };
      return (await connection.request(subject, JSON.stringify(fields), options)).json<Answer>();
    },
    subscribe: (subject) =>
      complaintOf(connection, () => void connection.subscribe(subject, { callback: () => undefined })),
    publish: (subject, body = '{}') => complaintOf(connection, () => connection.publish(subject, body)),
  };
}
