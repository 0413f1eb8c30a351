/** What administrators do with signing keys. Every node learns of it by the change feed within a second. */
import { Problem } from '../../domain/problem.ts';
import type { AuditEntry } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SigningKeyRecord, SigningKeyStore } from '../../ports/identity/token-key-store.ts';
import type { KeyWrap } from '../../ports/sealing/key-wrap.ts';
import { keySealingBy } from './key-sealing.ts';
import { newSigningKey, notUnwrapped } from './signing-key.ts';

export interface KeyTools {
  readonly store: SigningKeyStore;
  readonly clock: Clock;
  readonly wrap: KeyWrap | null;
}

export interface RotatedKeys {
  readonly kid: string;
  /** Null: it is the first key of the deployment. */
  readonly formerKid: string | null;
}

/**
 * A new key signs from now on. The former one verifies until the last token that it signed has expired; with
 * `isRevoking` nothing that it signed counts any more. Works also when the former one cannot be unwrapped.
 */
export async function rotateKeys(
  { store, clock, wrap }: KeyTools,
  isRevoking: boolean,
  audit: (keys: RotatedKeys) => AuditEntry,
): Promise<RotatedKeys | Problem> {
  const stored = await store.list();
  if (stored instanceof Problem) return stored;
  const key = await newSigningKey(keySealingBy(wrap), clock.nowMicros());
  const formerKid = stored.find(({ retiredAt }) => retiredAt === null)?.kid ?? null;
  const keys = { kid: key.kid, formerKid };
  return (await store.replace(key, isRevoking, audit(keys))) ?? keys;
}

/**
 * Wraps every stored key by the present master key, and answers how many had been wrapped by a former one, or
 * not at all. `internal`/`not_unwrapped`: one was wrapped by a key that is not known here; nothing changed.
 */
export async function rewrapKeys(
  { store, wrap }: Pick<KeyTools, 'store' | 'wrap'>,
  audit: (count: number) => AuditEntry,
): Promise<number | Problem> {
  const stored = await store.list();
  if (stored instanceof Problem) return stored;
  const sealing = keySealingBy(wrap);
  const rewrapped: Pick<SigningKeyRecord, 'kid' | 'privateJwk'>[] = [];
  for (const key of stored.filter((one) => !sealing.isCurrent(one))) {
    const opened = sealing.open(key.kid, key.privateJwk);
    if (opened === null) return notUnwrapped(key.kid);
    rewrapped.push({ kid: key.kid, privateJwk: sealing.seal(key.kid, opened) });
  }
  if (rewrapped.length === 0) return 0;
  return (await store.rewrap(rewrapped, audit(rewrapped.length))) ?? rewrapped.length;
}
