/** What the admin commands work on: the deployment's database, directly. Running nodes learn of it by the change feed. */
import { openAuditStore } from '../../adapters/postgres/audit/audit-store.ts';
import { openIdentityStore } from '../../adapters/postgres/identity/identity-store.ts';
import { openSigningKeyStore } from '../../adapters/postgres/identity/signing-key-store.ts';
import { openTenantLimits } from '../../adapters/postgres/tenant-limits.ts';
import { openWrappedDataKeys } from '../../adapters/postgres/wrapped-data-keys.ts';
import { openClock } from '../../adapters/system/clock.ts';
import { keyWrapOf } from '../../compose/key-wrap-of.ts';
import { openReleases } from '../../compose/releases.ts';
import { openIdentityPools } from '../../compose/servers/postgres-side.ts';
import { Problem } from '../../domain/problem.ts';
import type { AuditEntry, AuditStore } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdentityStore } from '../../ports/identity/identity-store.ts';
import type { SigningKeyStore } from '../../ports/identity/token-key-store.ts';
import type { TenantLimitsStore } from '../../ports/limits/tenant-limits.ts';
import type { WrappedDataKeys } from '../../ports/sealing/data-key-store.ts';
import type { KeyWrap } from '../../ports/sealing/key-wrap.ts';
import { Failure } from '../failure.ts';
import { findMasterKey } from '../master-key.ts';
import { quietLogger } from '../quiet-logger.ts';
import { readConfig } from '../read-config.ts';
import { findServers, needDatabase } from '../upkeep/servers.ts';

export interface Database {
  readonly store: IdentityStore;
  readonly signingKeys: SigningKeyStore;
  readonly dataKeys: WrappedDataKeys;
  readonly audit: AuditStore;
  readonly tenantLimits: TenantLimitsStore;
  /** Null: no master key, keys are stored as they are. */
  readonly wrap: KeyWrap | null;
  readonly clock: Clock;
}

/** Runs `work` on the database of DATABASE_URL, else of the running `parley dev`; closes it afterwards. */
export async function onDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const config = readConfig();
  const url = needDatabase(await findServers(config, config.dataDir));
  const masterKey = await findMasterKey(config, url);
  const releases = openReleases(quietLogger);
  try {
    const pools = await openIdentityPools(url, quietLogger, releases);
    return await work({
      store: openIdentityStore(pools),
      signingKeys: openSigningKeyStore(pools.identity),
      dataKeys: openWrappedDataKeys(pools.identity),
      audit: openAuditStore(pools),
      tenantLimits: openTenantLimits(pools),
      wrap: keyWrapOf({ ...config, masterKey }),
      clock: openClock(),
    });
  } finally {
    await releases.close();
  }
}

/** With the code of the problem, for `--json`. */
class Refusal extends Failure {
  override readonly code: string;

  constructor({ code, message }: Problem) {
    super(message);
    this.code = code;
  }
}

/** The value, or the end of the command with the problem's sentence. */
export function done<T>(outcome: T | Problem): T {
  if (outcome instanceof Problem) throw new Refusal(outcome);
  return outcome;
}

/** An entry about what the command line did: whoever has the database is nobody in particular. */
export function entryOfCommand(
  command: string,
  what: Pick<AuditEntry, 'tenant' | 'action' | 'subject'> & { readonly detail?: AuditEntry['detail'] },
): AuditEntry {
  const detail = { ...what.detail, by: `parley admin ${command}` };
  return { ...what, detail, actor: null, address: null, requestId: null };
}
