import type { Clock } from '../ports/clock.ts';

/**
 * Does work again and again, `pauseMs` after it ended the last time, for the first time after one pause. The
 * returned function ends that, and answers when what is under way is done.
 */
export function regularly(
  clock: Pick<Clock, 'after'>,
  pauseMs: number,
  work: () => Promise<unknown>,
): () => Promise<void> {
  let isOpen = true;
  let cancel = (): void => {};
  let running: Promise<unknown> = Promise.resolve();
  const schedule = (): void => {
    cancel = clock.after(pauseMs, () => {
      running = work().finally(() => {
        if (isOpen) schedule();
      });
    });
  };
  schedule();
  return async () => {
    isOpen = false;
    cancel();
    await running;
  };
}
