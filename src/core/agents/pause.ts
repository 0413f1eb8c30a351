import type { Clock } from '../../ports/clock.ts';

/** Resolves after `ms`, or when `signal` is aborted. */
export function pause(clock: Pick<Clock, 'after'>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let cancel: () => void = () => undefined;
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    if (signal.aborted) return end();
    cancel = clock.after(ms, end);
    signal.addEventListener('abort', end);
  });
}
