import { openKeyWrap } from '../adapters/master-key/key-wrap.ts';
import type { KeyWrap } from '../ports/sealing/key-wrap.ts';

/** What wraps the keys that are stored; null without a master key: then they are stored as they are. */
export function keyWrapOf(config: {
  readonly masterKey: string | null;
  readonly masterKeyPrevious: string | null;
}): KeyWrap | null {
  const { masterKey, masterKeyPrevious } = config;
  if (masterKey === null) return null;
  return openKeyWrap(masterKey, masterKeyPrevious === null ? [] : [masterKeyPrevious]);
}
