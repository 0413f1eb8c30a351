/**
 * Who is in a tenant, as its members find each other: active principals alone, and nothing that only owners and
 * admins see. Answers `unavailable` when Postgres is away.
 */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { KnownPrincipal } from '../identity/identity-service.ts';

/** The last one of a page. */
export interface PeopleStart {
  readonly displayName: string;
  readonly id: PrincipalId;
}

export interface PeoplePage {
  readonly people: readonly KnownPrincipal[];
  readonly next: PeopleStart | null;
}

/** What somebody is looked for by. */
export interface PeopleSearch {
  /** How a word of the name begins, whatever its case. */
  readonly prefix: string;
  /** The whole number, `+` and digits; null: it is none. */
  readonly phone: string | null;
  readonly limit: number;
}

export interface People {
  /** People but `except`, by (name, id) byte by byte. */
  list(
    tenant: TenantId,
    except: PrincipalId,
    page: { readonly limit: number; readonly after: PeopleStart | null },
  ): Promise<PeoplePage | Problem>;
  /** People but `except`, in the same order. */
  search(
    tenant: TenantId,
    except: PrincipalId,
    sought: PeopleSearch,
  ): Promise<readonly KnownPrincipal[] | Problem>;
  /** The default agent first, then the oldest; at most limits.agentsListedMax. */
  agents(tenant: TenantId): Promise<readonly KnownPrincipal[] | Problem>;
}
