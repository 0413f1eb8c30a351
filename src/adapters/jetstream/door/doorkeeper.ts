/**
 * Ends connections of principals that may not be connected any more, on whichever server they are. A node knows
 * all of them from the servers' events; what it missed while its connection to the system account was away, it
 * reads and looks up again. Every node does this: a connection that is ended twice is ended.
 *
 * A callout may be overtaken by a revocation: the client is told yes, and connects after the revocation was
 * applied to all that were connected. So revocations are held against new connections for a while.
 */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Authenticator, Revocation } from '../../../ports/identity/identity-authenticator.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { KeptConnection } from '../connections/connection.ts';
import { type ClientName, isSameView, viewOf } from './client-name.ts';
import { type Client, ConnectedClients, concerns } from './connected-clients.ts';
import { endConnection, listConnections, listGreedy, watchConnections } from './server-connections.ts';

export class Doorkeeper {
  readonly #kept: KeptConnection;
  readonly #authenticator: Authenticator;
  readonly #log: Logger;
  readonly #clients = new ConnectedClients();
  /** Revocations of the last limits.natsRevocationsHeldMs, oldest first. */
  readonly #held: { readonly revocation: Revocation; readonly atMs: number }[] = [];
  /** To be looked up when there is time: after a sweep, or because it could not be told. */
  readonly #doubtful = new Set<Client>();
  #looking = 0;
  #stopListening: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(kept: KeptConnection, authenticator: Authenticator, log: Logger) {
    this.#kept = kept;
    this.#authenticator = authenticator;
    this.#log = log;
  }

  open(): void {
    watchConnections(this.#kept.connection, {
      connected: (client) => this.#connected(client),
      gone: (server, cid) => this.#gone(server, cid),
    });
    this.#stopListening = this.#authenticator.onRevoked((revocation) => this.#obey(revocation));
    this.#kept.onReconnect(() => void this.#sweep());
    void this.#sweep();
    this.#timer = setInterval(() => void this.#endGreedy(), limits.natsSubscriptionsLookMs).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#stopListening();
  }

  connectionsOf(tenant: TenantId, id: PrincipalId): number {
    return this.#clients.count(tenant, id);
  }

  #gone(server: string, cid: number): void {
    const client = this.#clients.remove(server, cid);
    if (client !== undefined) this.#doubtful.delete(client);
  }

  #obey(revocation: Revocation): void {
    this.#held.push({ revocation, atMs: performance.now() });
    this.#dropOldRevocations();
    for (const client of this.#clients.concernedBy(revocation)) {
      if (revocation.reason === 'changed' && !client.name.isExternal) void this.#recheck(client);
      else void this.#end(client, revocation.reason);
    }
    if (!this.#clients.isComplete) void this.#sweep();
  }

  #connected(client: Client): void {
    this.#clients.add(client);
    const { tenant, id } = client.name;
    // The callout counts those whose connecting was told: a burst of callouts at once passes it.
    if (this.connectionsOf(tenant, id) > limits.natsClientsPerPrincipalMax) {
      void this.#end(client, 'too_many_connections');
      return;
    }
    this.#dropOldRevocations();
    const against = this.#held.filter(({ revocation }) => concerns(revocation, client.name));
    // Of void signing keys its session says nothing: who got in meanwhile comes back with a token of the new ones.
    const isVoid = against.some(
      ({ revocation, atMs }) => revocation.tenant === null && performance.now() - atMs < limits.natsVoidedMs,
    );
    if (isVoid) void this.#end(client, 'revoked');
    else if (against.length > 0 || this.#held.length >= limits.natsRevocationsHeldMax)
      void this.#recheck(client);
  }

  #dropOldRevocations(): void {
    const oldestMs = performance.now() - limits.natsRevocationsHeldMs;
    const kept = this.#held.findIndex(({ atMs }) => atMs >= oldestMs);
    const old = kept === -1 ? this.#held.length : kept;
    this.#held.splice(0, Math.max(old, this.#held.length - limits.natsRevocationsHeldMax));
  }

  /** Everybody who is connected now, each looked up once more: nobody said what happened meanwhile. */
  async #sweep(): Promise<void> {
    try {
      this.#clients.clear();
      await listConnections(this.#kept.connection, (client) => this.#clients.add(client));
      for (const client of this.#clients.all()) this.#doubtful.add(client);
      this.#lookAtDoubtful();
    } catch (error) {
      if (this.#isClosed || !this.#kept.isConnected()) return; // the next reconnect sweeps again
      this.#log.warn({ error }, 'The connections of nats-server cannot be listed yet');
      setTimeout(() => void this.#sweep(), limits.natsRecheckRetryMs).unref();
    }
  }

  /** nats-server keeps to the limits in a client's permissions only where accounts are made of JWTs. */
  async #endGreedy(): Promise<void> {
    if (!this.#kept.isConnected()) return;
    try {
      for (const client of await listGreedy(this.#kept.connection))
        await this.#end(client, 'too_many_subscriptions');
    } catch (error) {
      if (!this.#isClosed) this.#log.warn({ error }, 'The subscriptions of connections cannot be looked at');
    }
  }

  #lookAtDoubtful(): void {
    const wanted = Math.min(this.#doubtful.size, limits.natsRechecksInFlightMax - this.#looking);
    for (let started = 0; started < wanted; started += 1) void this.#look();
  }

  async #look(): Promise<void> {
    this.#looking += 1;
    for (const client of this.#doubtful) {
      this.#doubtful.delete(client);
      if ((await this.#recheck(client)) === 'later') break; // Postgres is away; the retry comes by
    }
    this.#looking -= 1;
  }

  async #recheck(client: Client): Promise<'done' | 'later'> {
    // It ends within limits.externalGraceMs anyway, and comes back with what its provider says then.
    if (client.name.isExternal) return 'done';
    const now = await this.#authenticator.renew(asPrincipal(client.name));
    if (this.#isClosed) return 'done';
    if (now instanceof Problem && (now.code === 'unavailable' || now.code === 'overloaded')) {
      // Unable to tell is no reason to end a connection that was valid, but it must be told later.
      this.#retry(client);
      return 'later';
    }
    if (now instanceof Problem) await this.#end(client, now.reason ?? now.code);
    else if (!isSameView(viewOf(now), client.name.view)) await this.#end(client, 'changed');
    return 'done';
  }

  #retry(client: Client): void {
    this.#doubtful.add(client);
    setTimeout(() => this.#lookAtDoubtful(), limits.natsRecheckRetryMs).unref();
  }

  async #end(client: Client, reason: string): Promise<void> {
    const { tenant, id } = client.name;
    try {
      await endConnection(this.#kept.connection, client);
      this.#log.info({ tenant, principal: id, reason }, 'A connection to NATS was ended');
    } catch (error) {
      if (this.#isClosed || !this.#kept.isConnected()) return; // the next reconnect sweeps
      this.#log.error({ error, tenant, principal: id }, 'A connection to NATS could not be ended');
      this.#retry(client);
    }
  }
}

/** As much of a principal as renew() needs. */
function asPrincipal({ tenant, id, kind, sid }: ClientName): Principal {
  const nothing = { scopes: [], role: 'member', superAdmin: false, displayName: '' } as const;
  return { tenant, id, kind, sid, ...nothing, service: null, expiresAt: null };
}
