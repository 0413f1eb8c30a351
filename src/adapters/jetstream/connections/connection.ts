/** Connections to NATS that reconnect for ever, and the requester that everything hot uses. */

import { readFileSync } from 'node:fs';
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type Status,
} from '@nats-io/transport-node';
import type { Logger } from '../../../ports/logger.ts';
import { type NatsUser, parseNatsCredentials } from '../door/nats-credentials.ts';
import { natsTls } from './nats-address.ts';
import { openRequester, type Requester } from './requester.ts';

export interface NatsOptions {
  /** `nats://user:password@host:port`, several separated by commas. */
  readonly url: string;
  /** A file of Parley's own credentials, which then count and not those of the URL, or a `.creds` file. */
  readonly credsFile?: string;
  /** Which of Parley's own users the connection is for; default `core`. */
  readonly user?: NatsUser;
  readonly name: string;
  readonly log: Logger;
  /** How long the first connection may take, milliseconds. */
  readonly connectTimeoutMs?: number;
}

export interface KeptConnection {
  readonly connection: NatsConnection;
  readonly isConnected: () => boolean;
  onDisconnect(run: () => void): void;
  onReconnect(run: () => void): void;
  close(): Promise<void>;
}

export interface Nats extends KeptConnection {
  readonly requester: Requester;
}

/** Connects (rejects when no server answers in time) and keeps the connection for as long as the process lives. */
export async function openNats(options: NatsOptions): Promise<Nats> {
  const kept = await openConnection(options);
  const requester = openRequester(kept.connection);
  kept.onDisconnect(() => requester.disconnected());
  kept.onReconnect(() => requester.reconnected());
  return {
    ...kept,
    requester,
    async close() {
      requester.close();
      await kept.close();
    },
  };
}

/** The same without a requester: for the connections that do one thing. */
export async function openConnection(options: NatsOptions): Promise<KeptConnection> {
  const { log } = options;
  const wanted = connectionOptions(options);
  const connection = await connect(wanted).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`no connection to NATS at ${String(wanted.servers)}: ${why}`, { cause: error });
  });
  const lost: (() => void)[] = [];
  const reconnected: (() => void)[] = [];
  let isConnected = true;
  function runAll(all: readonly (() => void)[]): void {
    for (const run of all) {
      try {
        run();
      } catch (error) {
        // Who fails here must not end the watch: nobody would learn of the next loss.
        log.error({ error }, 'What follows a loss or a reconnect failed');
      }
    }
  }
  watchStatus(connection, (status) => {
    if (status.type === 'disconnect') {
      isConnected = false;
      log.warn({ server: status.server, user: options.user }, 'NATS connection lost');
      runAll(lost);
    } else if (status.type === 'reconnect') {
      isConnected = true;
      log.info({ server: status.server, user: options.user }, 'NATS connection restored');
      runAll(reconnected);
    }
  });
  return {
    connection,
    isConnected: () => isConnected,
    onDisconnect: (run) => void lost.push(run),
    onReconnect: (run) => void reconnected.push(run),
    async close() {
      isConnected = false;
      await connection.close();
    },
  };
}

function connectionOptions(options: NatsOptions): ConnectionOptions {
  const urls = options.url.split(',').map((one) => new URL(one.trim()));
  const tls = natsTls(urls);
  return {
    servers: urls.map((url) => `${url.hostname}:${url.port === '' ? '4222' : url.port}`),
    ...login(urls[0], options),
    ...(tls === null ? {} : { tls }),
    name: options.name,
    timeout: options.connectTimeoutMs ?? 5_000,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 100,
    reconnectJitter: 100,
    // A connection that says nothing (a hanging server, packets dropped) is left after 4 to 6 s, for another server.
    pingInterval: 2_000,
    maxPingOut: 2,
    noEcho: false,
    reconnectToServer: longestUntried,
  };
}

/**
 * The one that was tried longest ago. By itself the client begins with the one that it has just given up: while that
 * hangs, it takes a connection and says nothing, and all of `timeout` passes before another one is tried.
 */
const longestUntried: NonNullable<ConnectionOptions['reconnectToServer']> = (servers) =>
  servers.toSorted((a, b) => a.lastConnect - b.lastConnect)[0] ?? null;

function login(url: URL | undefined, { credsFile, user = 'core' }: NatsOptions): ConnectionOptions {
  if (credsFile !== undefined) {
    const file = readFileSync(credsFile);
    const own = parseNatsCredentials(file.toString('utf8'));
    return own === null ? { authenticator: credsAuthenticator(file) } : { user, pass: own.passwords[user] };
  }
  if (url === undefined || url.username === '') return {};
  return { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
}

function watchStatus(connection: NatsConnection, onStatus: (status: Status) => void): void {
  void (async () => {
    for await (const status of connection.status()) onStatus(status);
  })();
}
