/** Connections of principals over all servers, found by what a revocation names. */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Revocation } from '../../../ports/identity/identity-authenticator.ts';
import type { ClientName } from './client-name.ts';

export interface Client {
  readonly server: string;
  /** Number of the connection on that server: never given twice while it runs. */
  readonly cid: number;
  readonly name: ClientName;
}

export class ConnectedClients {
  readonly #byConnection = new Map<string, Client>();
  readonly #byPrincipal = new Map<string, Set<Client>>();
  /** False when there were more than it may hold: then what it finds is not all. */
  #isComplete = true;

  get isComplete(): boolean {
    return this.#isComplete;
  }

  add(client: Client): void {
    const key = connectionKey(client.server, client.cid);
    if (this.#byConnection.has(key)) return;
    if (this.#byConnection.size >= limits.natsClientsKnownMax) {
      this.#isComplete = false;
      return;
    }
    this.#byConnection.set(key, client);
    const principal = principalKey(client.name.tenant, client.name.id);
    const clients = this.#byPrincipal.get(principal);
    if (clients === undefined) this.#byPrincipal.set(principal, new Set([client]));
    else clients.add(client);
  }

  /** Answers what it was, undefined when it was not known. */
  remove(server: string, cid: number): Client | undefined {
    const client = this.#byConnection.get(connectionKey(server, cid));
    if (client === undefined) return undefined;
    this.#byConnection.delete(connectionKey(server, cid));
    const principal = principalKey(client.name.tenant, client.name.id);
    const clients = this.#byPrincipal.get(principal);
    clients?.delete(client);
    if (clients?.size === 0) this.#byPrincipal.delete(principal);
    return client;
  }

  count(tenant: TenantId, id: PrincipalId): number {
    return this.#byPrincipal.get(principalKey(tenant, id))?.size ?? 0;
  }

  /** Sessions and keys are looked for among all: a revocation of one is rare, and an index would be as big again. */
  concernedBy(revocation: Revocation): readonly Client[] {
    const { tenant, principalId } = revocation;
    if (tenant !== null && principalId !== undefined)
      return [...(this.#byPrincipal.get(principalKey(tenant, principalId)) ?? [])];
    return [...this.#byConnection.values()].filter(({ name }) => concerns(revocation, name));
  }

  all(): readonly Client[] {
    return [...this.#byConnection.values()];
  }

  clear(): void {
    this.#byConnection.clear();
    this.#byPrincipal.clear();
    this.#isComplete = true;
  }
}

export function concerns({ tenant, principalId, sid, keyId }: Revocation, name: ClientName): boolean {
  if (tenant === null) return name.kind === 'user' && !name.isExternal;
  if (name.tenant !== tenant) return false;
  return principalId === undefined ? name.sid === (sid ?? keyId) : name.id === principalId;
}

const connectionKey = (server: string, cid: number): string => `${server} ${cid}`;
const principalKey = (tenant: TenantId, id: PrincipalId): string => `${tenant} ${id}`;
