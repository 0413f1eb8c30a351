/** A server that is several processes, such as PostgreSQL, stopped and continued as a whole. */
import { execFileSync } from 'node:child_process';

/** The process and all below it, parents first. */
export function treeOf(pid: number): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const all = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const tree = [pid];
  for (const parent of tree) for (const [child, of] of all) if (of === parent) tree.push(child);
  return tree;
}

/** SIGSTOP to the whole tree; the returned function lets the same processes run on. */
export function stopTree(pid: number): () => void {
  const tree = treeOf(pid);
  signalAll(tree, 'SIGSTOP');
  return () => signalAll(tree, 'SIGCONT');
}

/** One may have ended meanwhile, as the worker of a server does. */
function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
