/** Ctrl-C and SIGTERM: the first asks for a clean end, the second ends at once. So may a request (`POST /api/stop`). */

export interface StopSignals {
  /** Resolves with the first signal, or with `request`. */
  readonly asked: Promise<NodeJS.Signals | 'request'>;
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
  let resolveAsked: (why: NodeJS.Signals | 'request') => void = () => undefined;
  const asked = new Promise<NodeJS.Signals | 'request'>((resolve) => {
    resolveAsked = resolve;
  });
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isAsked) onSecond(signal);
    isAsked = true;
    resolveAsked(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
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
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
