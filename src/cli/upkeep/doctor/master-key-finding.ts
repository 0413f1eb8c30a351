import { openWrappedDataKeys } from '../../../adapters/postgres/wrapped-data-keys.ts';
import { keyWrapOf } from '../../../compose/key-wrap-of.ts';
import { openReleases } from '../../../compose/releases.ts';
import { openIdentityPools } from '../../../compose/servers/postgres-side.ts';
import type { Config } from '../../../config/config.ts';
import { bindingOf } from '../../../core/sealing/data-keys.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { findMasterKey } from '../../master-key.ts';
import { quietLogger } from '../../quiet-logger.ts';
import type { Finding } from './finding.ts';

const check = 'master key';

/** Is there a master key, and is it the one that wrapped the data keys? */
export async function checkMasterKey(config: Config, databaseUrl: string | null): Promise<Finding> {
  const masterKey = databaseUrl === null ? config.masterKey : await findMasterKey(config, databaseUrl);
  const wrap = keyWrapOf({ ...config, masterKey });
  if (wrap === null) {
    const found = 'PARLEY_MASTER_KEY is not set: content of class phi and secret is refused';
    return { check, status: 'warn', found, remedy: 'set it: `openssl rand -base64 32` makes one' };
  }
  const locked = databaseUrl === null ? 0 : await countLocked(databaseUrl, wrap);
  if (locked === null || locked === 0) return { check, status: 'ok', found: wrap.id };
  const found = `${locked} data keys of tenants were wrapped by another one`;
  const remedy = 'set the master key that wrapped them, or name it in PARLEY_MASTER_KEY_PREVIOUS';
  return { check, status: 'fail', found, remedy };
}

/** Among the first keys; null when they cannot be read (another finding says why). */
async function countLocked(
  url: string,
  wrap: NonNullable<ReturnType<typeof keyWrapOf>>,
): Promise<number | null> {
  const releases = openReleases(quietLogger);
  try {
    const { identity } = await openIdentityPools(url, quietLogger, releases);
    const keys = await openWrappedDataKeys(identity).page(null, limits.dataKeysPageMax);
    if (keys instanceof Problem) return null;
    const isLocked = ({ tenant, version, wrapped }: (typeof keys)[number]): boolean =>
      wrap.unwrap(wrapped, bindingOf(tenant, version)) === null;
    return keys.filter(isLocked).length;
  } catch {
    return null;
  } finally {
    await releases.close();
  }
}
