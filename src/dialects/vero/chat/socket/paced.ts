import { limits } from '../../../../domain/limits.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { Outbox } from '../../../../ports/outbox.ts';

/**
 * Sends many frames to one socket no faster than its client takes them: 200 large messages at once are more than an
 * outbox holds. The next frame is asked for when it is its turn. Answers whether all were sent; a client that takes
 * none for limits.backlogStallMs is closed.
 */
export async function sendPaced(
  outbox: Pick<Outbox, 'send' | 'bufferedBytes' | 'isOpen' | 'close'>,
  clock: Pick<Clock, 'monotonicMs' | 'after'>,
  frames: Iterable<string>,
): Promise<boolean> {
  for (const frame of frames) {
    if (!outbox.send(frame)) return false;
    const deadlineMs = clock.monotonicMs() + limits.backlogStallMs;
    while (outbox.isOpen && outbox.bufferedBytes > limits.backlogPageBytesMax) {
      if (clock.monotonicMs() > deadlineMs) {
        outbox.close('slow_consumer');
        return false;
      }
      await new Promise<void>((resolve) => void clock.after(10, resolve));
    }
  }
  return outbox.isOpen;
}
