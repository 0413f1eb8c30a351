/** Directories that a person names: made with their parents, or refused with a sentence. */
import { access, constants, lstat, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure, sentenceOf } from './failure.ts';

/**
 * Makes `path` and the parents that it lacks; an empty or full directory that is there already is kept. Throws a
 * Failure (with the system's error as its cause) when it cannot be made or written. Node's own `recursive` is not
 * used: below a parent that is there and takes no children, as `/proc` or a link to nowhere, it tries for ever.
 */
export async function makeDirectory(path: string, mode = 0o777): Promise<void> {
  try {
    for (const missing of await missingParts(path)) await makeUnlessThere(missing, mode);
    if (!(await stat(path)).isDirectory()) throw new Error('it is a file');
    await access(path, constants.W_OK);
  } catch (error) {
    throw new Failure(`${path} cannot be used as a directory: ${sentenceOf(error)}`, 1, { cause: error });
  }
}

/** From the outermost to `path` itself. */
async function missingParts(path: string): Promise<readonly string[]> {
  const missing: string[] = [];
  let at = path;
  // Ends at `/` or `.`, which are there.
  while (!(await isThere(at)) && dirname(at) !== at) {
    missing.unshift(at);
    at = dirname(at);
  }
  return missing;
}

/** A link to nowhere is there, too: nothing can be made in its place. */
function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function makeUnlessThere(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // somebody else made it meanwhile
  }
}
