import type { Logger } from '../../../src/ports/logger.ts';

const silent = (): void => undefined;

/** For what a bench opens itself: the figures are all it prints. */
export const silentLogger: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  child: () => silentLogger,
};
