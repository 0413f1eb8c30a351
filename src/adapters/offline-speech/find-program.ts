import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where a program is among the folders of `path`; null: in none of them. */
export async function findProgram(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const program = join(folder, name);
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return null;
}
