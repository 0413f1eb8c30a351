import type { Logger } from '../../../src/ports/logger.ts';

/** Keeps every line, with all its fields and errors, for tests of what must not be logged. */
export function capturingLogger(): Logger & { readonly text: () => string } {
  const lines: string[] = [];
  const write = (fields: object, message: string): void => {
    lines.push(
      `${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? String(value.stack) : value))}`,
    );
  };
  const logger: Logger & { readonly text: () => string } = {
    ...{ debug: write, info: write, warn: write, error: write },
    child: () => logger,
    text: () => lines.join('\n'),
  };
  return logger;
}
