/**
 * The end of npm above us. `npx parley dev` is npm, a shell below it, and this process below that; npm passes SIGTERM and
 * SIGINT to the shell alone, which dies of it and passes nothing on, and of SIGHUP and SIGKILL it dies by itself.
 * So whoever ends npm means us, and there is no signal that says so.
 */
import { readFileSync } from 'node:fs';

/** No event tells the end of a parent; to look costs some microseconds. */
const lookMs = 500;

/**
 * Calls `onGone` once when npm, or the shell that it started us with, is gone. Does nothing in a process that npm did not
 * start: who starts `parley` from a shell may well leave it behind. Answers what ends the watch.
 */
export function watchNpm(onGone: () => void): () => void {
  const npm = findNpm();
  if (npm === null) return () => undefined;
  const watch = setInterval(() => {
    if (process.ppid === npm.parent && (npm.above === null || ancestorOf(npm.parent) === npm.above)) return;
    clearInterval(watch);
    onGone();
  }, lookMs);
  watch.unref();
  return () => clearInterval(watch);
}

interface NpmAbove {
  readonly parent: number;
  /** The pid of npm where a shell is between; null: npm is the parent, or nobody can tell. */
  readonly above: number | null;
}

function findNpm(): NpmAbove | null {
  if (process.env['npm_lifecycle_event'] === undefined) return null;
  const parent = process.ppid;
  const it = processOf(parent);
  if (it === null) return { parent, above: null }; // no Linux: the parent is the shell or npm
  if (isNpm(it.name)) return { parent, above: null };
  const above = processOf(it.parent);
  // Something else was started by npm, and started us: that is who decides about us.
  return above !== null && isNpm(above.name) ? { parent, above: it.parent } : null;
}

/** It calls itself `npm exec parley dev`, `npm run …`. */
const isNpm = (name: string): boolean => name.startsWith('npm ');

const ancestorOf = (pid: number): number | null => processOf(pid)?.parent ?? null;

/** Name and parent of a process, from `/proc`; null: there is none such, or no `/proc`. */
function processOf(pid: number): { readonly name: string; readonly parent: number } | null {
  try {
    const found = /^\d+ \((.*)\) \S+ (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return found === null ? null : { name: found[1] ?? '', parent: Number(found[2]) };
  } catch {
    return null;
  }
}
