import { join } from 'node:path';
import { keptPassword } from './credentials.ts';

/**
 * The master key of a `parley dev` that was given none: 32 random bytes in base64url, made at the first
 * boot and kept in `<dataDir>/master-key` (0600). Whoever loses the file loses what it wrapped.
 */
export function keptMasterKey(dataDir: string): Promise<string> {
  return keptPassword(join(dataDir, 'master-key'));
}
