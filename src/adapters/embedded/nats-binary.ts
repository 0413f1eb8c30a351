import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The script may download a package or a release archive over a slow line. */
const provideMsMax = 300_000;

/**
 * The path of a nats-server that is new enough: `given` (NATS_SERVER) believed as it is, else what the
 * repository's `deploy/nats-server.sh` finds or provides. Throws with the script's own sentence.
 */
export async function natsBinary(given: string | undefined, scriptPath: string): Promise<string> {
  if (given !== undefined && given !== '') return given;
  try {
    const { stdout } = await promisify(execFile)(scriptPath, { timeout: provideMsMax });
    return stdout.trim();
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
    throw new Error(said || `${scriptPath} failed`, { cause: error });
  }
}
