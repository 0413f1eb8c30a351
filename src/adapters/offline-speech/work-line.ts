import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';

/** So many at once, so many who wait, in the order in which they came. */
export interface WorkLine {
  /** `overloaded` when too many wait. */
  run<T>(work: () => Promise<T>): Promise<T | Problem>;
}

export function openWorkLine(): WorkLine {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async run(work) {
      if (running >= limits.speechAtOnceMax) {
        if (waiting.length >= limits.speechWaitingMax) return overloaded('speech');
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else running += 1;
      try {
        return await work();
      } finally {
        // Who waits takes the place over.
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
