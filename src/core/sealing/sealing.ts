/** Sealing, put together: the ports as the core sees them. */
import type { TenantId } from '../../domain/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DraftStore } from '../../ports/draft-store.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { Log } from '../../ports/log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { InlineProjection } from '../../ports/projection.ts';
import { type DataKeys, type DataKeysDeps, openDataKeys } from './data-keys.ts';
import { sealedDraftStore } from './sealed/sealed-drafts.ts';
import { sealedLiveFeed } from './sealed/sealed-live-feed.ts';
import { sealedLog } from './sealed/sealed-log.ts';
import { sealedProjection } from './sealed/sealed-projection.ts';
import { sealedReader } from './sealed/sealed-reader.ts';

import { openSealer, type Sealer } from './sealer.ts';

export interface SealedPorts {
  readonly log: Log;
  readonly live: LiveFeed;
  readonly reader: ProjectionReader;
  readonly projection: InlineProjection;
  readonly drafts: DraftStore;
}

export interface Sealing {
  readonly keys: DataKeys;
  readonly sealer: Sealer;
  /** Some node made a new data key of a tenant (null: perhaps of every one), or erased them all. */
  changed(tenant: TenantId | null, isErased: boolean): void;
  /** Who holds opened content in memory forgets it then. */
  onErased(forget: (tenant: TenantId | null) => void): void;
  /** Live messages that wait for a key are not waited for any more. */
  close(): void;
  /** Puts the seal between these ports and the core. */
  around(ports: SealedPorts): SealedPorts;
}

export interface SealingDeps extends DataKeysDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

export function openSealing(deps: SealingDeps): Sealing {
  const { clock, logger } = deps;
  const keys = openDataKeys(deps);
  const sealer = openSealer(keys, logger);
  let isClosed = false;
  const listeners: ((tenant: TenantId | null) => void)[] = [];
  return {
    keys,
    sealer,
    changed(tenant, isErased) {
      keys.forget(tenant);
      if (isErased) for (const forget of listeners) forget(tenant);
    },
    close() {
      isClosed = true;
    },
    onErased: (forget) => void listeners.push(forget),
    around: ({ log, live, reader, projection, drafts }) => ({
      log: sealedLog(log, sealer),
      live: sealedLiveFeed(live, sealer, { clock, logger, isClosed: () => isClosed }),
      reader: sealedReader(reader, sealer),
      projection: sealedProjection(projection, sealer),
      drafts: sealedDraftStore(drafts, sealer),
    }),
  };
}
