import type { EventSession } from '../../contract/sockets/event-socket.ts';
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';

/** True when the session is ready within limits.eventReadyMsMax. Rejects as `ready` does. */
export async function isReadyInTime(
  { ready }: Pick<EventSession, 'ready'>,
  clock: Pick<Clock, 'after'>,
): Promise<boolean> {
  let cancel = (): void => undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    cancel = clock.after(limits.eventReadyMsMax, () => resolve(false));
  });
  try {
    return await Promise.race([ready.then((problem) => problem === null), tooLate]);
  } finally {
    cancel();
  }
}
