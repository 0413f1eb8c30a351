/** How private keys lie in the store: wrapped where there is a master key, else as they are. */

import type { SigningKeyRecord } from '../../ports/identity/token-key-store.ts';
import type { KeyWrap } from '../../ports/sealing/key-wrap.ts';

type Jwk = Readonly<Record<string, unknown>>;
type Stored = SigningKeyRecord['privateJwk'];

export interface KeySealing {
  seal(kid: string, jwk: Jwk): Stored;
  /** Null: wrapped by a master key that is not known here. */
  open(kid: string, stored: Stored): Jwk | null;
  /** False: not wrapped although it could be, or by a former master key. */
  isCurrent(key: Pick<SigningKeyRecord, 'privateJwk'>): boolean;
}

export function keySealingBy(wrap: KeyWrap | null): KeySealing {
  const bindingOf = (kid: string) => ({ purpose: 'signing-key', id: kid });
  return {
    seal: (kid, jwk) =>
      wrap === null ? jwk : wrap.wrap(new TextEncoder().encode(JSON.stringify(jwk)), bindingOf(kid)),
    open(kid, stored) {
      if (typeof stored !== 'string') return stored;
      const bytes = wrap?.unwrap(stored, bindingOf(kid)) ?? null;
      return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as Jwk);
    },
    isCurrent: ({ privateJwk }) =>
      wrap === null || (typeof privateJwk === 'string' && wrap.isCurrent(privateJwk)),
  };
}
