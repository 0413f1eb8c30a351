/** A disk that is soon full: a tmpfs of its own, which only root may mount. It is unmounted whatever happens. */
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { type Teardown, type TemporaryDir, temporaryDir } from '../../temporary.ts';

export type SmallDisk = {
  /** `remove` leaves the mount to the end of the test. */
  readonly dir: TemporaryDir;
  /** What is left, bytes. */
  free(): number;
  /** Somebody else takes all that is left. */
  fillUp(): void;
  /** And gives it back. */
  makeRoom(): void;
};

export const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

/** Open it before the server that lies on it: what is torn down goes in the opposite order. */
export async function openSmallDisk(t: Teardown, megabytes: number): Promise<SmallDisk> {
  const { path, remove } = await temporaryDir('small-disk');
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=711`, 'parley-chaos', path]);
  let isMounted = true;
  const unmount = (): void => {
    // Lazily: a server that was killed may still hold it for a moment.
    if (isMounted) execFileSync('umount', ['-l', path]);
    isMounted = false;
  };
  // A test that is killed tears nothing down, so somebody else waits for its end, too.
  const watch = 'while kill -0 "$0"; do sleep 1; done; umount -l "$1" && rmdir "$1"';
  spawn('sh', ['-c', watch, String(process.pid), path], { detached: true, stdio: 'ignore' }).unref();
  t.teardown(async () => {
    unmount();
    await remove();
  });
  const ballast = join(path, 'ballast');
  const free = (): number => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  return {
    dir: { path, remove: async () => undefined },
    free,
    fillUp() {
      // The server writes meanwhile, so what is left is found out in small steps.
      for (let bytes = 1_048_576; bytes >= 1; ) {
        try {
          appendFileSync(ballast, Buffer.alloc(bytes));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          bytes = Math.floor(bytes / 16);
        }
      }
    },
    makeRoom: () => rmSync(ballast, { force: true }),
  };
}
