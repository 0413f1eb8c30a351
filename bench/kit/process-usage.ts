/** What a process takes, read from /proc; undefined on systems without it. */
import { readFileSync } from 'node:fs';

/** Kernels we run on count processor time in hundredths of a second (USER_HZ). */
const ticksPerSec = 100;

/** Processor time since the process began, milliseconds. */
export function cpuMs(pid: number): number | undefined {
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  if (fields === undefined) return undefined;
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSec) * 1_000;
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
export function watchProcesses(pids: Readonly<Record<string, number>>): { stop(count: number): string } {
  const began = performance.now();
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuMs(pid)] as const);
  return {
    stop(count) {
      const wallMs = performance.now() - began;
      const shares = before.map(([name, pid, start]) => {
        const end = cpuMs(pid);
        if (start === undefined || end === undefined) return `${name} ?`;
        const tookMs = end - start;
        return `${name} ${Math.round((tookMs / wallMs) * 100)} % (${Math.round((tookMs / count) * 1_000)} µs)`;
      });
      return shares.join(', ');
    },
  };
}
