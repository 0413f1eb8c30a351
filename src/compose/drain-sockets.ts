/** A node that ends sends its sockets away in waves, each with a hint when to come back. */
import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '../domain/limits.ts';
import type { Outbox } from '../ports/outbox.ts';

type Closable = Pick<Outbox, 'close' | 'isOpen'>;

/** Resolves when all are closed: after limits.drainWaves x drainWaveMs at the latest; a few go at once. */
export async function drainSockets(peers: Iterable<Closable>): Promise<void> {
  const open = [...peers];
  const spreadMs = Math.min(Math.max(open.length, limits.drainRetryMsMin), limits.drainRetryMsMax);
  const waveSize = Math.max(Math.ceil(open.length / limits.drainWaves), 50);
  for (let first = 0; first < open.length; first += waveSize) {
    if (first > 0) await delay(limits.drainWaveMs);
    for (const peer of open.slice(first, first + waveSize)) {
      if (peer.isOpen) peer.close('restarting', Math.ceil(Math.random() * spreadMs));
    }
  }
}
