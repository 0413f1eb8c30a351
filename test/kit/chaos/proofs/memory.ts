/** What a node holds in memory, garbage left out. */
import type { Test } from 'tap';
import { until } from '../../log-entries.ts';
import type { KillableNode } from '../faults/killable-node.ts';
import { metricsOf, summed } from './metrics.ts';

/** Caches of a few conversations and compiled code grow a little for good; a leak grows with the load. */
const growthMax = 1.5;
const slackBytes = 24 * 1024 * 1024;

/** Bytes in the heap of its main thread and outside of it, after a collection. */
export async function heldBytes(node: KillableNode): Promise<number> {
  process.kill(node.pid(), 'SIGUSR2');
  const metrics = await metricsOf(node);
  return summed(metrics, 'nodejs_heap_size_used_bytes') + summed(metrics, 'nodejs_external_memory_bytes');
}

/** Proves that a node holds about as much again as when `levelBytes` was read. */
export async function backToLevel(t: Test, node: KillableNode, levelBytes: number): Promise<void> {
  const allowed = levelBytes * growthMax + slackBytes;
  let held = Number.POSITIVE_INFINITY;
  const isBack = async (): Promise<boolean> => {
    held = await heldBytes(node);
    return held <= allowed;
  };
  await until(isBack, 30_000).catch(() => undefined);
  const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`;
  t.ok(held <= allowed, `holds ${megabytes(held)} after, ${megabytes(levelBytes)} before`);
}
