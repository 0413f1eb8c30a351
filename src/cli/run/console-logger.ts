import { openLogger } from '../../adapters/pino/pino-logger.ts';
import type { Config } from '../../config/config.ts';
import { packageVersion } from '../../config/package-version.ts';
import type { Logger } from '../../ports/logger.ts';

/** Of a deployed node: lines on stdout, which collectors read. */
export function openServiceLogger({ logLevel }: Config): Logger {
  return openLogger({ level: logLevel, fields: { version: packageVersion() } });
}

/** Of `parley dev`: stdout belongs to what a person reads, so lines go to stderr. */
export function openConsoleLogger({ logLevel }: Config): Logger {
  return openLogger({ level: logLevel, to: 'stderr' });
}
