import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's root, seen from dist/src/config/: what is not compiled (configuration, scripts, documents) lies there. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Absolute path of a file of the package. */
export function packagePath(path: string): string {
  return join(root, path);
}
