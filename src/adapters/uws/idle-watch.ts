/**
 * Sockets of dialects that say how long a client may be silent: asked by pings, and closed with 1001 when nothing is
 * heard of them. The transport's own time-out drops a socket without a word.
 */
import { limits } from '../../domain/limits.ts';
import type { UwsPeer } from './uws-peer.ts';

export interface IdleWatch {
  begin(peer: UwsPeer, idleSec: number): void;
  /** A frame or a pong came. */
  heard(peer: UwsPeer): void;
  end(peer: UwsPeer): void;
}

/** Each is looked at so often: 20,000 of them take less than a millisecond. */
const lookMs = 1_000;
/** Whoever was silent for so long is asked for a sign of life. */
const pingMs = limits.heartbeatSec * 1000;

interface Watched {
  readonly idleMs: number;
  heardMs: number;
  askedMs: number;
}

/** `nowMs`: a clock that never steps. Looks only while there is somebody to look at. */
export function openIdleWatch(nowMs: () => number = () => performance.now()): IdleWatch & { look(): void } {
  const watched = new Map<UwsPeer, Watched>();
  let isLooking = false;

  function look(): void {
    const now = nowMs();
    for (const [peer, one] of watched) {
      if (now - one.heardMs >= one.idleMs) {
        watched.delete(peer);
        peer.close('idle');
      } else if (now - one.heardMs >= pingMs && now - one.askedMs >= pingMs) {
        one.askedMs = now;
        peer.ping();
      }
    }
  }

  function lookLater(): void {
    if (isLooking) return;
    isLooking = true;
    setTimeout(() => {
      isLooking = false;
      look();
      if (watched.size > 0) lookLater();
    }, lookMs).unref();
  }

  return {
    look,
    begin(peer, idleSec) {
      const now = nowMs();
      watched.set(peer, { idleMs: idleSec * 1000, heardMs: now, askedMs: now });
      lookLater();
    },
    heard(peer) {
      const one = watched.get(peer);
      if (one !== undefined) one.heardMs = nowMs();
    },
    end: (peer) => void watched.delete(peer),
  };
}
