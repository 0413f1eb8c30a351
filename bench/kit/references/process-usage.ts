/** What a process takes, read from /proc; undefined on systems without it. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kernels we run on count processor time in hundredths of a second (USER_HZ). */
const ticksPerSec = 100;

/** Processor time since the process began, milliseconds. */
export function cpuMs(pid: number): number | undefined {
  return readStat(pid)?.cpuMs;
}

/** The same of everything that the process has started and that still runs. */
export function descendantsCpuMs(pid: number): number | undefined {
  const children = new Map<number, { readonly pid: number; readonly cpuMs: number }[]>();
  for (const name of listProcesses()) {
    const stat = readStat(Number(name));
    if (stat === undefined) continue;
    const siblings = children.get(stat.parent) ?? [];
    siblings.push({ pid: Number(name), cpuMs: stat.cpuMs });
    children.set(stat.parent, siblings);
  }
  const sum = (parent: number): number =>
    (children.get(parent) ?? []).reduce((total, child) => total + child.cpuMs + sum(child.pid), 0);
  return children.size === 0 ? undefined : sum(pid);
}

/** Of a process, of what it started and still runs, and of what it started and that has ended. */
export function familyCpuMs(pid: number): number | undefined {
  const own = readStat(pid);
  if (own === undefined) return undefined;
  return own.cpuMs + own.endedCpuMs + (descendantsCpuMs(pid) ?? 0);
}

/** Of what a process started and that has ended. */
export function endedCpuMs(pid: number): number | undefined {
  return readStat(pid)?.endedCpuMs;
}

interface Stat {
  readonly parent: number;
  readonly cpuMs: number;
  /** Of children that were waited for. */
  readonly endedCpuMs: number;
}

function readStat(pid: number): Stat | undefined {
  // The name in parentheses may hold anything, so count from its end.
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  if (fields === undefined) return undefined;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
  const toMs = (ticks: number): number => (ticks / ticksPerSec) * 1_000;
  return { parent: Number(fields[1]), cpuMs: toMs(user + system), endedCpuMs: toMs(endedUser + endedSystem) };
}

function listProcesses(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** Resident memory, bytes. */
export function residentBytes(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Watches which share of a core each process takes: tells whether the server or its client was the limit.
 * `stop` answers it as text, with the processor time that one of `count` operations took, which stays
 * comparable where others use the machine too: `load 45 % (25 µs), parley 98 % (54 µs)`.
 */
export function watchProcesses(measured: Readonly<Record<string, CpuReader>>): {
  stop(count: number): string;
} {
  const began = performance.now();
  const before = Object.entries(measured).map(([name, readMs]) => [name, readMs, readMs()] as const);
  return {
    stop(count) {
      const wallMs = performance.now() - began;
      const shares = before.map(([name, readMs, start]) => {
        const end = readMs();
        if (start === undefined || end === undefined) return `${name} ?`;
        const tookMs = end - start;
        return `${name} ${Math.round((tookMs / wallMs) * 100)} % (${Math.round((tookMs / count) * 1_000)} µs)`;
      });
      return shares.join(', ');
    },
  };
}

/** Processor time so far, milliseconds. */
export type CpuReader = () => number | undefined;

export const cpuOf =
  (pid: number): CpuReader =>
  () =>
    cpuMs(pid);
