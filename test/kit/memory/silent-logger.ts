import type { Logger } from '../../../src/ports/logger.ts';

/** A logger that says nothing; what it was told can be looked at. */
export interface SilentLogger extends Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: object }[];
}

export function silentLogger(): SilentLogger {
  const lines: SilentLogger['lines'] = [];
  const at =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push({ level, message, fields });
      if (process.env['TEST_LOG'] !== undefined) console.error(level, message, fields);
    };
  const logger: SilentLogger = {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
}
