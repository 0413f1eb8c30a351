/**
 * Long work, seen: a bar that is written over on a terminal, elsewhere a line for each tenth, but not more often than every
 * two seconds, so that short work says nothing. On stderr, so that pipes get results only.
 */

export interface Progress {
  /** So much of it is done now. `total`: null while nobody knows. */
  update(done: number, total: number | null): void;
  /** The line is complete; `text` replaces it. */
  end(text?: string): void;
}

/** Where it is shown. */
export interface ProgressScreen {
  readonly isTTY: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  write(text: string): void;
  nowMs(): number;
}

const stderrScreen: ProgressScreen = {
  get isTTY() {
    return process.stderr.isTTY === true;
  },
  get width() {
    return process.stderr.columns ?? 80;
  },
  write: (text) => {
    process.stderr.write(text);
  },
  nowMs: () => performance.now(),
};

/** Often enough to look alive, seldom enough to cost nothing. */
const drawMs = 100;
const barWidth = 20;
const lineMs = 2_000;
/** Before, a rate says nothing. */
const rateMsMin = 1_000;

/** `unit` in the plural: `events`, `MB`. */
export function openProgress(label: string, unit: string, screen: ProgressScreen = stderrScreen): Progress {
  const startedMs = screen.nowMs();
  let drawnMs = Number.NEGATIVE_INFINITY;
  let tenth = -1;
  let last = '';

  function draw(done: number, total: number | null): void {
    last = progressLine({ label, unit, done, total, ms: screen.nowMs() - startedMs });
    screen.write(`\r\x1b[K${cut(last, screen.width - 1)}`);
  }

  return {
    update(done, total) {
      if (screen.isTTY) {
        const nowMs = screen.nowMs();
        if (nowMs - drawnMs < drawMs && done !== total) return;
        drawnMs = nowMs;
        draw(done, total);
        return;
      }
      const reached = total === null || total === 0 ? -1 : Math.floor((done / total) * 10);
      const nowMs = screen.nowMs();
      if (reached <= tenth || nowMs - Math.max(drawnMs, startedMs) < lineMs) return;
      tenth = reached;
      drawnMs = nowMs;
      screen.write(`${progressLine({ label, unit, done, total, ms: screen.nowMs() - startedMs })}\n`);
    },
    end(text) {
      if (screen.isTTY) screen.write(`\r\x1b[K${text ?? last}\n`);
      else if (text !== undefined) screen.write(`${text}\n`);
    },
  };
}

interface Reached {
  readonly label: string;
  readonly unit: string;
  readonly done: number;
  readonly total: number | null;
  /** Since it began. */
  readonly ms: number;
}

/** `label [######----]  30 %  3,000 of 10,000 events  1,000/s  7 s left`. */
export function progressLine({ label, unit, done, total, ms }: Reached): string {
  const perSec = ms < rateMsMin ? null : done / (ms / 1000);
  // Seconds pass by themselves.
  const rate = perSec === null || done === 0 || unit === 'seconds' ? '' : `  ${count(perSec)}/s`;
  if (total === null) return `${label}  ${count(done)} ${unit}${rate}`;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}]`;
  const left =
    perSec === null || perSec === 0 || done >= total ? '' : `  ${timeLeft((total - done) / perSec)} left`;
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${label} ${bar} ${percent} %  ${count(done)} of ${count(total)} ${unit}${rate}${left}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function timeLeft(sec: number): string {
  if (sec < 90) return `${Math.ceil(sec)} s`;
  return sec < 5_400 ? `${Math.round(sec / 60)} min` : `${(sec / 3600).toFixed(1)} h`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : text.slice(0, Math.max(0, width));
}
