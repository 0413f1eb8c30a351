/**
 * What conversations are grouped by in the words of ElizaOS, and the agents that belong to each. Methods return a
 * Problem (`unavailable`) when Postgres is away and never reject.
 */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';

export interface MessageServer {
  /** UUID. */
  readonly id: string;
  readonly name: string;
  /** What it stands for elsewhere: `discord`, and its id there. */
  readonly sourceType: string;
  readonly sourceId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
}

/** The default one has no row, and is in no answer; agents may belong to it like to any other. */
export interface MessageServers {
  /** Oldest first. */
  list(tenant: TenantId): Promise<readonly MessageServer[] | Problem>;
  find(tenant: TenantId, id: string): Promise<MessageServer | null | Problem>;
  /** `conflict` beyond limits.messageServersPerTenantMax. */
  add(tenant: TenantId, server: MessageServer): Promise<Problem | null>;
  /** With its agents. Whether it was there. */
  remove(tenant: TenantId, id: string): Promise<boolean | Problem>;
  /** In the order in which they came. */
  agentsOf(tenant: TenantId, server: string): Promise<readonly PrincipalId[] | Problem>;
  /** Is it there already, it stays. `conflict` beyond limits.agentsPerMessageServerMax. */
  addAgent(tenant: TenantId, server: string, agent: PrincipalId, at: Micros): Promise<Problem | null>;
  removeAgent(tenant: TenantId, server: string, agent: PrincipalId): Promise<Problem | null>;
  /** Ids, in the order in which it came to them. */
  serversOf(tenant: TenantId, agent: PrincipalId): Promise<readonly string[] | Problem>;
}
