/** When `parley cluster` has nothing left to run, or cannot go on. */
import type { Failure } from '../../failure.ts';

export interface End {
  readonly ended: Promise<void>;
  readonly fail: (why: Failure) => void;
  readonly done: () => void;
}

export function openEnd(): End {
  let [done, fail] = [(): void => undefined, (_why: Failure): void => undefined];
  const ended = new Promise<void>((resolve, reject) => {
    [done, fail] = [resolve, reject];
  });
  ended.catch(() => undefined); // it may come while nobody waits for it yet
  return { ended, fail, done };
}
