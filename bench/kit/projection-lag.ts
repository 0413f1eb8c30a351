/** How far the projection is behind the log, as /metrics tells it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ParleyProcess } from './parley-process.ts';
import { until } from './wait.ts';

const gauge = 'parley_projection_lag_events';
/** Seldom enough to cost nothing under load. */
const watchEveryMs = 250;
const catchUpMsMax = 60_000;

/** Events behind, summed over the partitions. Throws when the server does not tell. */
async function projectionLag(parley: ParleyProcess): Promise<number> {
  const text = await (await fetch(`${parley.url}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line.startsWith(gauge));
  if (samples.length === 0) throw new Error(`/metrics has no ${gauge}`);
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Watches from now on; `caughtUp` answers how long it takes from its call to a lag of 0, and the maximum before. */
export function watchProjection(parley: ParleyProcess): {
  caughtUp(): Promise<{ afterSec: number; eventsMax: number }>;
} {
  let eventsMax = 0;
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      eventsMax = Math.max(eventsMax, await projectionLag(parley));
      await sleep(watchEveryMs);
    }
  })();
  watching.catch(() => undefined); // awaited below
  return {
    async caughtUp() {
      const began = performance.now();
      isWatching = false;
      await until(
        'the projection catches up',
        async () => (await projectionLag(parley)) === 0,
        catchUpMsMax,
        10,
      );
      const afterSec = (performance.now() - began) / 1_000;
      await watching;
      return { afterSec, eventsMax };
    },
  };
}
