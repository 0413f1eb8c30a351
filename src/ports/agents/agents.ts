/**
 * Agents of a tenant as they are managed: made, changed, started, stopped, deleted. Everybody in the tenant may
 * read; owners, admins and services of it may change, others are `forbidden`. Always in the tenant of `by`.
 */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { RequestTrace } from '../audit.ts';

/**
 * Who an agent is, as a character file of ElizaOS says it: `name`, `system`, `bio`, `style`, `topics`, `adjectives`,
 * `messageExamples`, `settings` and whatever else is in it. Secrets (`secrets`, also in `settings`, and settings
 * that look like one) are dropped when it comes in: nothing here uses them, and nobody gets them back.
 */
export type CharacterFields = Readonly<Record<string, unknown>>;

/** An agent in a list. */
export interface ListedAgent {
  readonly id: PrincipalId;
  readonly name: string;
  /** Lines of it, joined by line feeds. */
  readonly bio: string | null;
  /** Its answers are made here. */
  readonly isRunning: boolean;
  readonly isDefaultAgent: boolean;
  readonly createdAt: Micros;
}

export interface ManagedAgent extends ListedAgent {
  /** Of an agent that another API made: its name and bio. */
  readonly character: CharacterFields;
  readonly updatedAt: Micros;
}

export interface NewManagedAgent {
  /** Any UUID, or any other id of at most limits.principalIdCharsMax; null: it follows from the name, as ElizaOS makes it. */
  readonly id: PrincipalId | null;
  readonly character: CharacterFields;
}

export interface Agents {
  /** Running ones first, then by name; at most limits.agentsListedMax. */
  list(by: Principal): Promise<readonly ListedAgent[] | Problem>;
  find(by: Principal, id: PrincipalId): Promise<ManagedAgent | Problem>;
  /**
   * Not started. One that exists is answered as it is. `invalid_request` with fields; `too_large`;
   * `conflict`/`too_many`, or `id_taken` by somebody who is no agent.
   */
  create(by: Principal, agent: NewManagedAgent, trace?: RequestTrace): Promise<ManagedAgent | Problem>;
  /**
   * Shallow: fields take the place of former ones, null removes one; those of `settings` likewise, one by one.
   * A new name or bio is that of the principal, too.
   */
  change(
    by: Principal,
    id: PrincipalId,
    changes: CharacterFields,
    trace?: RequestTrace,
  ): Promise<ManagedAgent | Problem>;
  /** Effective on every node within a second, also for what it is about to say. Again changes nothing. */
  setRunning(
    by: Principal,
    id: PrincipalId,
    isRunning: boolean,
    trace?: RequestTrace,
  ): Promise<ManagedAgent | Problem>;
  /** `not_found`; `conflict`/`last_agent`. */
  remove(by: Principal, id: PrincipalId, trace?: RequestTrace): Promise<Problem | null>;
  /** As it is stored, kept in memory until it changes; null: another API made the agent, or there is none. */
  characterOf(tenant: TenantId, id: PrincipalId): Promise<CharacterFields | null | Problem>;
  /** Calls `listener` on the node that removed an agent, by whichever API; the returned function ends that. */
  onRemoved(listener: (tenant: TenantId, id: PrincipalId) => void): () => void;
  /** Calls `listener` on every node once a principal changed; the returned function ends that. */
  onChanged(listener: (tenant: TenantId, id: PrincipalId) => void): () => void;
}
