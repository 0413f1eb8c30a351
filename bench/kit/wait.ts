import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `isTrue`, looking every `everyMs`; throws with `what` after `waitMs`. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  waitMs: number,
  everyMs = 5,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`${what}: not after ${waitMs} ms`);
    await sleep(everyMs);
  }
}

/** `work` with a bound: rejects with `what` after `waitMs`. */
export async function within<T>(what: string, waitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not after ${waitMs} ms`)), waitMs);
  });
  try {
    return await Promise.race([work, bound]);
  } finally {
    clearTimeout(timer);
  }
}
