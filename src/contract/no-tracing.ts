import type { Tracing } from '../ports/tracing.ts';

/** Tracing that is off, as it is by default. */
export const noTracing: Tracing = {
  isOn: false,
  begin: () => null,
  within: (_span, run) => run(),
  current: () => null,
  run: (_start, run) => run(),
};
