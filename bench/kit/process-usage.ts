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
 * `stop` answers percent of one core by name, as text: `load 45 %, parley 98 %, nats 52 %`.
 */
export function watchProcesses(pids: Readonly<Record<string, number>>): { stop(): string } {
  const began = performance.now();
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuMs(pid)] as const);
  return {
    stop() {
      const wallMs = performance.now() - began;
      const shares = before.map(([name, pid, start]) => {
        const end = cpuMs(pid);
        if (start === undefined || end === undefined) return `${name} ?`;
        return `${name} ${Math.round(((end - start) / wallMs) * 100)} %`;
      });
      return shares.join(', ');
    },
  };
}
