import type { Logger } from '../ports/logger.ts';

/** For commands whose output is a table: what is wrong stands in it, a log line beside it would only disturb. */
export const quietLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quietLogger,
};
