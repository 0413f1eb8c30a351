/**
 * The door for services that speak NATS: who they are (callout), what they ask (service), and their end
 * (doorkeeper). Each on a connection of its own, as a user that may do no more than that.
 */
import { readFileSync } from 'node:fs';
import type { ServiceDialect } from '../../../contract/service.ts';
import type { Problem } from '../../../domain/problem.ts';
import type { Authenticator } from '../../../ports/identity/identity-authenticator.ts';
import type { NamedPrincipals } from '../../../ports/identity/named-principals.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Tracing } from '../../../ports/tracing.ts';
import { type KeptConnection, openConnection } from '../connections/connection.ts';
import { openApiService } from './api-service.ts';
import { answerCallouts } from './callout.ts';
import { openCalloutKeys } from './callout-keys.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { type NatsCredentials, type NatsUser, parseNatsCredentials } from './nats-credentials.ts';
import { listConnections } from './server-connections.ts';

export interface DoorOptions {
  readonly url: string;
  /** A file of Parley's own credentials. */
  readonly credsFile: string;
  /** How the connections are called on the server. */
  readonly name: string;
  readonly authenticator: Authenticator;
  readonly named: NamedPrincipals;
  readonly dialect: ServiceDialect;
  /** Told of each refusal that is answered. */
  readonly onRefused: (problem: Problem) => void;
  readonly tracing: Tracing;
  /** Of Parley, as the service tells it. */
  readonly version: string;
  readonly log: Logger;
}

export interface Door {
  readonly isConnected: () => boolean;
  /** Lets nobody in any more, and answers what was asked. */
  close(): Promise<void>;
}

/** Parley's own credentials in that file; null when it holds others: then there is no door. */
export function readNatsCredentials(path: string): NatsCredentials | null {
  return parseNatsCredentials(readFileSync(path, 'utf8'));
}

/** Connections that answer callouts, over all servers. Rejects when `sys` cannot connect. */
export async function countAnswering(
  options: Pick<DoorOptions, 'url' | 'credsFile' | 'name' | 'log'>,
): Promise<{ readonly answering: number }> {
  const sys = await openConnection({ ...options, user: 'sys' });
  try {
    return await listConnections(sys.connection, () => undefined);
  } finally {
    await sys.close();
  }
}

/** Rejects when one of its users cannot connect. */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { authenticator, named, dialect, version, log, onRefused, tracing } = options;
  const credentials = readNatsCredentials(options.credsFile);
  if (credentials === null) throw new Error(`${options.credsFile} holds no credentials of Parley`);
  const opened: KeptConnection[] = [];
  const closeAll = async (): Promise<void> => {
    for (const one of opened) await one.close();
  };
  async function open(user: NatsUser): Promise<KeptConnection> {
    const { url, credsFile, name } = options;
    const kept = await openConnection({ url, credsFile, user, name: `${name} ${user}`, log }).catch(
      (error: unknown) => {
        const said = error instanceof Error ? error.message : String(error);
        throw new Error(
          `nats-server does not take Parley's user ${user} (${said}): does it run nats-server.conf with the variables of these credentials?`,
        );
      },
    );
    opened.push(kept);
    return kept;
  }
  try {
    const sys = await open('sys');
    const doorkeeper = new Doorkeeper(sys, authenticator, log);
    doorkeeper.open();
    const service = await openApiService(await open('api'), {
      ...{ dialect, named, version, log, onRefused, tracing },
    });
    // Last: from now on clients get in.
    const callout = await open('callout');
    answerCallouts(callout, {
      authenticate: (shown) => authenticator.authenticate(shown),
      ownsId: (tenant, id) => named.ownsId(tenant, id),
      connectionsOf: (tenant, id) => doorkeeper.connectionsOf(tenant, id),
      keys: openCalloutKeys(credentials),
      log,
      onRefused,
    });
    return {
      isConnected: () => opened.every((one) => one.isConnected()),
      async close() {
        try {
          // A connection that is lost has nothing to drain, and says so by rejecting.
          await callout.connection.drain().catch(() => undefined);
          await service.close();
        } finally {
          doorkeeper.close();
          await closeAll();
        }
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
