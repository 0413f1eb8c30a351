/** The projection as the core writes it: in the form in which the log has the entry, texts sealed. */
import { isSealedClass } from '../../../domain/event.ts';
import { Problem } from '../../../domain/problem.ts';
import type { InlineProjection, PlacedEntry } from '../../../ports/projection.ts';
import type { Sealer } from '../sealer.ts';

/** The projector needs none of this: it takes entries from the log, which are sealed already. */
export function sealedProjection(projection: InlineProjection, sealer: Sealer): InlineProjection {
  async function stored({ ref, entry }: PlacedEntry): Promise<PlacedEntry | Problem> {
    const known = sealer.stored(entry);
    if (known !== null) return { ref, entry: known };
    // A text that no log has: it is not written in the clear for that.
    const sealed = await sealer.seal(ref, [entry]);
    return sealed instanceof Problem ? sealed : { ref, entry: sealed[0] ?? entry };
  }

  return {
    async applyStructural(batch) {
      const isPlain = !batch.some(({ entry }) => isSealedClass(entry.dataClass));
      if (isPlain) return await projection.applyStructural(batch);
      const sealed: PlacedEntry[] = [];
      for (const placed of batch) {
        const one = await stored(placed);
        if (one instanceof Problem) return one;
        sealed.push(one);
      }
      return await projection.applyStructural(sealed);
    },
  };
}
