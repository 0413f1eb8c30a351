/** What seals phi and secret content: the master key of the configuration, the data keys in Postgres. */
import { openDataKeyStore } from '../adapters/postgres/data-key-store.ts';
import type { TenantPool } from '../adapters/postgres/pool.ts';
import { textCipher } from '../adapters/sealing/text-cipher.ts';
import { openSealing, type Sealing } from '../core/sealing/sealing.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { keyWrapOf } from './key-wrap-of.ts';

export interface SealingSideOptions {
  readonly pool: TenantPool;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function openSealingSide(
  config: Parameters<typeof keyWrapOf>[0],
  { pool, clock, logger }: SealingSideOptions,
): Sealing {
  const store = openDataKeyStore(pool);
  return openSealing({ store, wrap: keyWrapOf(config), cipher: textCipher, clock, logger });
}
