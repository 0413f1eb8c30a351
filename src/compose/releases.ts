/** What was opened, to be closed in the opposite order. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../ports/logger.ts';

export interface Releases {
  /** Remembers how `name` is closed. */
  add(name: string, close: () => Promise<unknown> | unknown): void;
  /**
   * Closes everything, the last opened first, one after another. What fails or hangs is logged and passed
   * over, so that the rest is still closed. May be called again.
   */
  close(): Promise<void>;
}

/** Longer than any single close() may take by its own bounds (a drain, a batch in hand, a server's end). */
const closeMsMax = 40_000;

export function openReleases(log: Logger): Releases {
  const open: { readonly name: string; readonly close: () => Promise<unknown> | unknown }[] = [];
  let closing: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    for (let last = open.pop(); last !== undefined; last = open.pop()) {
      const { name, close } = last;
      const cancelled = new AbortController();
      const late = delay(closeMsMax, 'late' as const, { signal: cancelled.signal, ref: false });
      late.catch(() => undefined); // cancelled below
      try {
        const outcome = await Promise.race([Promise.resolve(close()), late]);
        if (outcome === 'late') log.error({ part: name, close_ms_max: closeMsMax }, 'did not close in time');
      } catch (error) {
        log.error({ part: name, error }, 'failed to close');
      } finally {
        cancelled.abort();
      }
    }
  }

  return {
    add: (name, close) => void open.push({ name, close }),
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}
