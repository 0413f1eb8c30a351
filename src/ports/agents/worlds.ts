/** Worlds of agents: what ElizaOS groups the rooms of an agent by. */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';

export interface World {
  readonly tenant: TenantId;
  readonly agent: PrincipalId;
  /** A UUID. Agents that share a world have it under the same id, each with its own name and metadata. */
  readonly id: string;
  readonly name: string;
  /** Null: of no message server. */
  readonly server: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: Micros;
}

export interface WorldChanges {
  readonly name?: string;
  /** Shallow: what is named takes the place of what was there. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface WorldStore {
  /** Oldest first; null: of all agents of the tenant. At most limits.worldsListedMax. */
  list(tenant: TenantId, agent: PrincipalId | null): Promise<readonly World[] | Problem>;
  /** The world of this id, of whichever agent has had it longest; null: there is none. */
  find(tenant: TenantId, id: string): Promise<World | null | Problem>;
  /**
   * Answers what is there: a world that the agent has already stays as it is. `not_found`: there is no such agent;
   * `conflict`/`too_many`.
   */
  add(world: World): Promise<World | Problem>;
  /** Null: the agent has no such world. `too_large`: its metadata would be. */
  change(
    tenant: TenantId,
    agent: PrincipalId,
    id: string,
    changes: WorldChanges,
  ): Promise<World | null | Problem>;
}

/**
 * The same for dialects, in the tenant of `by`: everybody in it may read, owners, admins and services may change;
 * others are `forbidden`.
 */
export interface Worlds {
  list(by: Principal, agent: PrincipalId | null): Promise<readonly World[] | Problem>;
  /** `not_found` */
  find(by: Principal, id: string): Promise<World | Problem>;
  /** `too_large`: metadata beyond limits.metadataBytesMax. */
  create(
    by: Principal,
    world: Pick<World, 'agent' | 'name' | 'server' | 'metadata'> & { readonly id?: string },
  ): Promise<World | Problem>;
  /** `not_found` */
  change(by: Principal, agent: PrincipalId, id: string, changes: WorldChanges): Promise<World | Problem>;
}
