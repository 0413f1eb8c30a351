/** How principals are now: connected anywhere in the deployment, and what they said of themselves. */
import type { PrincipalId, TenantId } from '../domain/ids.ts';
import type { Principal } from '../domain/principal.ts';
import type { Micros } from '../domain/time.ts';

/** Of a principal with no socket: `offline`. */
export type PresenceStatus = 'online' | 'away' | 'busy' | 'offline';

export interface BoardEntry {
  readonly status: PresenceStatus;
  /** When its last socket was gone; null: it is here, or nobody remembers. */
  readonly lastSeen: Micros | null;
}

export interface PresenceBoard {
  /** Synchronous: every node knows. Somebody it does not know is `offline`. */
  of(tenant: TenantId, principal: PrincipalId): BoardEntry;
}

/** What the sockets of this node write on the board. */
export interface PresenceReports {
  connected(principal: Principal): void;
  /** Offline some seconds after the last one; at once when its client said goodbye. */
  disconnected(principal: Principal, saidGoodbye: boolean): void;
  /** Any text; what is none of the three of who is here counts as `online`. */
  announced(principal: Principal, status: string): void;
}
