import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { WrappedDataKey, WrappedDataKeys } from '../../ports/sealing/data-key-store.ts';
import type { KeyWrap } from '../../ports/sealing/key-wrap.ts';
import { bindingOf } from './data-keys.ts';

/**
 * Wraps every data key by the present master key; answers how many were wrapped by a former one. `conflict`:
 * some were wrapped by a master key that is not known here; they stay as they are. May be repeated.
 */
export async function rewrapDataKeys(store: WrappedDataKeys, wrap: KeyWrap): Promise<number | Problem> {
  let rewrapped = 0;
  let unknown = 0;
  for (let after: WrappedDataKey | null = null; ; ) {
    const page: readonly WrappedDataKey[] | Problem = await store.page(after, limits.dataKeysPageMax);
    if (page instanceof Problem) return page;
    const replaced: (WrappedDataKey & { by: string })[] = [];
    for (const key of page) {
      if (wrap.isCurrent(key.wrapped)) continue;
      const binding = bindingOf(key.tenant, key.version);
      const plain = wrap.unwrap(key.wrapped, binding);
      if (plain === null) unknown += 1;
      else replaced.push({ ...key, by: wrap.wrap(plain, binding) });
    }
    const refused = await store.replace(replaced);
    if (refused !== null) return refused;
    rewrapped += replaced.length;
    after = page.at(-1) ?? null;
    if (page.length < limits.dataKeysPageMax) break;
  }
  if (unknown === 0) return rewrapped;
  const sentence = `${unknown} data keys were wrapped by another master key than the two that are set.`;
  return new Problem('conflict', sentence, { reason: 'not_unwrapped' });
}
