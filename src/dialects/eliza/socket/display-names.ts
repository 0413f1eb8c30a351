/** Names of those who speak, at hand when a broadcast is worded: that cannot wait for a look-up. */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Directory } from '../../../ports/identity/identity-service.ts';

interface KnownName {
  /** Null: the tenant does not know it. */
  readonly name: string | null;
  readonly learnedMs: number;
}

export class DisplayNames {
  readonly #directory: Pick<Directory, 'principalsOf'>;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** The least recently learned first; at most limits.namesKnownMax. */
  readonly #known = new Map<string, KnownName>();

  constructor(directory: Pick<Directory, 'principalsOf'>, clock: Pick<Clock, 'monotonicMs'>) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** Null: it has none, or none is known yet; it is asked for then, and now and again after that. */
  nameOf(tenant: TenantId, id: PrincipalId): string | null {
    const known = this.#known.get(`${tenant}\u0000${id}`);
    const isStale =
      known === undefined || this.#clock.monotonicMs() - known.learnedMs > limits.namesKnownForMs;
    if (isStale) void this.learn(tenant, [id]);
    return known?.name ?? null;
  }

  /** Never rejects: without an answer things have no names for a while. */
  async learn(tenant: TenantId, ids: readonly PrincipalId[]): Promise<void> {
    const now = this.#clock.monotonicMs();
    const unknown = ids.filter((id) => {
      const known = this.#known.get(`${tenant}\u0000${id}`);
      return known === undefined || now - known.learnedMs > limits.namesKnownForMs;
    });
    if (unknown.length === 0) return;
    // Until the answer is there nobody else asks.
    for (const id of unknown) this.#keep(tenant, id, this.#known.get(`${tenant}\u0000${id}`)?.name ?? null);
    const found = await this.#directory.principalsOf(tenant, unknown);
    if (found instanceof Problem) return;
    for (const id of unknown) this.#keep(tenant, id, found.get(id)?.displayName ?? null);
  }

  #keep(tenant: TenantId, id: PrincipalId, name: string | null): void {
    const key = `${tenant}\u0000${id}`;
    this.#known.delete(key);
    this.#known.set(key, { name, learnedMs: this.#clock.monotonicMs() });
    const oldest = this.#known.size > limits.namesKnownMax ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
