/** A secret that all nodes share, made by the first one. */
import { Problem } from '../../domain/problem.ts';
import type { DeploymentKeyStore } from '../../ports/sealing/deployment-key-store.ts';
import type { KeyWrap } from '../../ports/sealing/key-wrap.ts';

export interface DeploymentKeyDeps {
  readonly store: DeploymentKeyStore;
  /** Null: it lies in the database as it is, as other keys do without a master key. */
  readonly wrap: KeyWrap | null;
  /** 32 random bytes, as text and back. */
  readonly fresh: () => Uint8Array;
  readonly toText: (bytes: Uint8Array) => string;
  readonly toBytes: (text: string) => Uint8Array;
}

/**
 * The key of this purpose. One that this node's master keys do not open is replaced: so use it only for what may
 * be signed again.
 */
export async function deploymentKey(purpose: string, deps: DeploymentKeyDeps): Promise<Uint8Array | Problem> {
  const { store, wrap, fresh, toText, toBytes } = deps;
  const binding = { purpose: 'deployment-key', id: purpose };
  const close = (bytes: Uint8Array): string => wrap?.wrap(bytes, binding) ?? toText(bytes);
  // What was stored without a master key is no wrapped text, and the other way round.
  const open = (text: string): Uint8Array | null => {
    const bytes = wrap === null ? toBytes(text) : wrap.unwrap(text, binding);
    return bytes?.length === 32 ? bytes : null;
  };
  const stored = await store.firstOr(purpose, close(fresh()));
  if (stored instanceof Problem) return stored;
  const known = open(stored);
  if (known !== null && (wrap === null || wrap.isCurrent(stored))) return known;
  const present = await store.replace(purpose, stored, close(known ?? fresh()));
  if (present instanceof Problem) return present;
  return open(present) ?? new Problem('internal', undefined, { reason: 'two_master_keys' });
}
