/** Rows of principals from outside: made at first sight, kept like the provider tells, suspended only here. */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ExternalPrincipalStore, VouchedPrincipal } from '../../../ports/identity/external-identity.ts';
import type {
  PrincipalRecord,
  PrincipalStatus,
  TenantRecord,
} from '../../../ports/identity/identity-records.ts';
import type { IdentityDeps } from '../identity-deps.ts';
import { newFirstAgent, newPrincipal, newTenant } from '../new-records.ts';

/** Somebody vouched for whose ids can be used here. */
export type NamedPrincipal = VouchedPrincipal & { readonly tenant: TenantId; readonly displayName: string };

interface KnownRow {
  /** What was told last, as one text. */
  readonly profile: string;
  readonly status: PrincipalStatus;
}

/** How much of a digest keeps slugs apart: 64 bits. */
const slugEndChars = 16;

export class ProvisionedRows {
  readonly #deps: Pick<IdentityDeps, 'clock' | 'ids' | 'secrets'>;
  readonly #store: ExternalPrincipalStore;
  readonly #generation: () => number;
  /** Oldest first; forgotten when the row changes. */
  readonly #known = new Map<string, KnownRow>();
  /** When each row was last written from here, monotonic. Not forgotten: see #isUpdate. */
  readonly #writtenMs = new Map<string, number>();

  constructor(
    deps: Pick<IdentityDeps, 'clock' | 'ids' | 'secrets'>,
    store: ExternalPrincipalStore,
    generation: () => number,
  ) {
    this.#deps = deps;
    this.#store = store;
    this.#generation = generation;
  }

  /** Of the row, which exists afterwards. No query when nothing is new. */
  async statusOf(vouched: NamedPrincipal): Promise<PrincipalStatus | Problem> {
    const key = keyOf(vouched.tenant, vouched.id);
    const profile = profileOf(vouched);
    const known = this.#known.get(key);
    const isUpdate = this.#isUpdate(key, vouched);
    if (known !== undefined && (known.profile === profile || !isUpdate)) return known.status;
    const generation = this.#generation();
    const { tenant, firstAgent, principal } = this.#records(vouched);
    const status = await this.#store.provision(tenant, firstAgent, principal, isUpdate);
    if (status instanceof Problem) return status;
    if (isUpdate) keep(this.#writtenMs, key, this.#deps.clock.monotonicMs());
    if (generation === this.#generation()) keep(this.#known, key, { profile, status });
    return status;
  }

  forget(tenant: TenantId, id: PrincipalId): void {
    this.#known.delete(keyOf(tenant, id));
  }

  forgetAll(): void {
    this.#known.clear();
  }

  /**
   * Two credentials of one principal may tell different things. Each write is a change that makes every
   * node look again, so without a pause between writes they would go on for ever.
   */
  #isUpdate(key: string, vouched: NamedPrincipal): boolean {
    if (vouched.isInNameOfPerson) return false;
    const writtenMs = this.#writtenMs.get(key) ?? Number.NEGATIVE_INFINITY;
    return this.#deps.clock.monotonicMs() - writtenMs >= limits.externalProfileMs;
  }

  #records(vouched: NamedPrincipal): {
    readonly tenant: TenantRecord;
    readonly firstAgent: PrincipalRecord;
    readonly principal: PrincipalRecord;
  } {
    const { clock, ids, secrets } = this.#deps;
    const { tenant, id, displayName, role, scopes, isInNameOfPerson } = vouched;
    const now = clock.nowMicros();
    const slugEnd = hexOf(secrets.digest(tenant)).slice(0, slugEndChars);
    const kind = isInNameOfPerson ? 'user' : vouched.kind;
    const fresh = newPrincipal(tenant, id, kind, displayName, now);
    // What a key may do tells nothing about the person behind it. Super admins are told at each time.
    const powers = isInNameOfPerson ? {} : { grantedScopes: scopes, ...(kind === 'user' ? { role } : {}) };
    return {
      tenant: newTenant(tenant, nameOfTenant(vouched), now, slugEnd),
      firstAgent: newFirstAgent(tenant, ids.next(), now),
      principal: { ...fresh, ...powers },
    };
  }
}

/** A text of others as a name here: one line, no control characters, not too long. */
export function readableName(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '').slice(0, limits.nameCharsMax);
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function nameOfTenant({ tenant, tenantName }: NamedPrincipal): string {
  const name = readableName(tenantName ?? '');
  return name === '' ? tenant : name;
}

function keyOf(tenant: TenantId, id: PrincipalId): string {
  return `${tenant} ${id}`;
}

function profileOf({ kind, displayName, role, scopes }: NamedPrincipal): string {
  return JSON.stringify([kind, displayName, role, scopes]);
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  const oldest = map.size >= limits.principalsCachedMax ? map.keys().next() : null;
  if (oldest !== null && oldest.done !== true) map.delete(oldest.value);
  map.set(key, value);
}
