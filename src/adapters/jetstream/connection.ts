/** One connection to NATS that reconnects for ever, and the requester that everything hot uses. */

import { readFileSync } from 'node:fs';
import { connect, credsAuthenticator, type NatsConnection, type Status } from '@nats-io/transport-node';
import type { Logger } from '../../ports/logger.ts';
import { natsTls } from './nats-address.ts';
import { openRequester, type Requester } from './requester.ts';

export interface NatsOptions {
  /** `nats://user:password@host:port`, several separated by commas. */
  readonly url: string;
  readonly credsFile?: string;
  readonly name: string;
  readonly log: Logger;
  /** How long the first connection may take, milliseconds. */
  readonly connectTimeoutMs?: number;
}

export interface Nats {
  readonly connection: NatsConnection;
  readonly requester: Requester;
  readonly isConnected: () => boolean;
  onReconnect(run: () => void): void;
  close(): Promise<void>;
}

/** Connects (rejects when no server answers in time) and keeps the connection for as long as the process lives. */
export async function openNats(options: NatsOptions): Promise<Nats> {
  const servers = options.url.split(',').map((one) => one.trim());
  const first = new URL(servers[0] ?? 'nats://127.0.0.1:4222');
  const tls = natsTls(servers.map((one) => new URL(one)));
  const connection = await connect({
    servers: servers.map((one) => {
      const url = new URL(one);
      return `${url.hostname}:${url.port === '' ? '4222' : url.port}`;
    }),
    ...(first.username === ''
      ? {}
      : { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) }),
    ...(options.credsFile === undefined
      ? {}
      : { authenticator: credsAuthenticator(readFileSync(options.credsFile)) }),
    ...(tls === null ? {} : { tls }),
    name: options.name,
    timeout: options.connectTimeoutMs ?? 5_000,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 100,
    reconnectJitter: 100,
    // A stale connection (packets dropped) is noticed within 2 x 5 s.
    pingInterval: 5_000,
    maxPingOut: 2,
    noEcho: false,
  });
  const requester = openRequester(connection);
  const reconnected: (() => void)[] = [];
  let isConnected = true;
  watchStatus(connection, (status) => {
    if (status.type === 'disconnect') {
      isConnected = false;
      requester.disconnected();
      options.log.warn({ server: status.server }, 'NATS connection lost');
    } else if (status.type === 'reconnect') {
      isConnected = true;
      requester.reconnected();
      options.log.info({ server: status.server }, 'NATS connection restored');
      for (const run of reconnected) {
        try {
          run();
        } catch (error) {
          // Who fails here must not end the watch: nobody would learn of the next loss.
          options.log.error({ error }, 'What follows a reconnect failed');
        }
      }
    }
  });
  return {
    connection,
    requester,
    isConnected: () => isConnected,
    onReconnect: (run) => void reconnected.push(run),
    async close() {
      isConnected = false;
      requester.close();
      await connection.close();
    },
  };
}

function watchStatus(connection: NatsConnection, onStatus: (status: Status) => void): void {
  void (async () => {
    for await (const status of connection.status()) onStatus(status);
  })();
}
