/** Ctrl-C and SIGTERM: the first asks for a clean end, the second ends at once. So may a request (`POST /api/stop`), and the end of npm that started us. */
import { watchNpm } from './npm-parent.ts';

export type StopReason = NodeJS.Signals | 'request' | 'npm gone';

export interface StopSignals {
  /** Resolves with the first signal, with `request`, or with `npm gone`. */
  readonly asked: Promise<StopReason>;
  /** True as soon as the first signal came. */
  readonly isAsked: boolean;
  /** As the first signal does; a signal after it ends at once. */
  request(): void;
  /** Leaves the signals to others again. */
  release(): void;
}

/** SIGHUP: the terminal was closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listens from now on. `onSecond` runs instead of anything clean; default: the process ends with code 1. */
export function listenForStop(
  onSecond: (signal: NodeJS.Signals) => void = () => process.exit(1),
): StopSignals {
  let isAsked = false;
  let resolveAsked: (why: StopReason) => void = () => undefined;
  const asked = new Promise<StopReason>((resolve) => {
    resolveAsked = resolve;
  });
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isAsked) onSecond(signal);
    isAsked = true;
    resolveAsked(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  const unwatch = watchNpm(() => {
    isAsked = true;
    resolveAsked('npm gone');
  });
  return {
    asked,
    get isAsked() {
      return isAsked;
    },
    request() {
      isAsked = true;
      resolveAsked('request');
    },
    release() {
      unwatch();
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
