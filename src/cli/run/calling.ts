/** How a person at the terminal calls `parley` again: it is on the PATH, in a project, or only where it was built. */
import { realpathSync } from 'node:fs';
import { delimiter, join, relative, resolve } from 'node:path';
import { packagePath } from '../../config/package-path.ts';

export interface Calling {
  /** What stands before `tail`, so that the line can be pasted where this process was started. */
  readonly parley: string;
  /** False: the package alone is there, without the repository's programs and its Makefile. */
  readonly isRepository: boolean;
}

/** `root`: of the package. What npm puts on the PATH is there only while npm runs, so it does not count. */
export function callingOf(
  root: string = packagePath(''),
  cwd: string = process.cwd(),
  path: string = process.env['PATH'] ?? '',
): Calling {
  const home = realOf(root) ?? root;
  const script = join(home, 'dist/src/main.js');
  if (realOf(cwd) === home) return { parley: `node ${relative(home, script)}`, isRepository: true };
  const isOn = (folder: string): boolean => realOf(join(folder, 'parley')) === script;
  const lasting = path.split(delimiter).filter((folder) => !folder.includes('node_modules'));
  if (lasting.some((folder) => folder !== '' && isOn(folder)))
    return { parley: 'parley', isRepository: false };
  if (isOn(resolve(cwd, 'node_modules/.bin'))) return { parley: 'npx parley', isRepository: false };
  return { parley: `node '${script.replaceAll("'", `'\\''`)}'`, isRepository: false };
}

function realOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
