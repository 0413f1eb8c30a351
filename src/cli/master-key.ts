import { keptMasterKey } from '../adapters/embedded/master-key.ts';
import { readDevFile } from './dev-file.ts';

/** The master key of the environment, else that of the running `parley dev` whose database this is. */
export async function findMasterKey(
  config: { readonly masterKey: string | null; readonly dataDir: string },
  databaseUrl: string,
): Promise<string | null> {
  if (config.masterKey !== null) return config.masterKey;
  const dev = await readDevFile(config.dataDir);
  return dev?.databaseUrl === databaseUrl ? keptMasterKey(config.dataDir) : null;
}
