/**
 * How much may be on its way to nats-server. The client buffers without a bound what the server does not read, and an
 * append that waits longer than its time-out in front of the server helps nobody: it is stored after its author was
 * told that nobody knows. So what was written is counted until the server has taken it, which it says by a PONG: that
 * counts what lies in the buffers of the client, of both kernels and of whatever is between.
 *
 *   fast: up to natsWindowBytesMax --a PONG after natsStallMs--> slow: what it takes in natsWindowMs
 *         ^--------------------- twice as much with each PONG below natsFastMs ---------------------'
 */
import { limits } from '../../../domain/limits.ts';

export interface OutboundWindow {
  /** Bytes that the server did not take yet, as far as it was asked. */
  readonly bytes: number;
  /** No append may be added now: the server is slow, or there is too much for any server. */
  readonly isFull: boolean;
  /** The server does not answer in time: nothing may be asked for that brings much back. */
  readonly isStalled: boolean;
  /** What of the largest window is given to the server now: 1 to a fast one. */
  readonly share: number;
  /** Nothing at all may be added. */
  readonly isBursting: boolean;
  add(bytes: number): void;
  /** What was added is written by now: the server may be asked. */
  written(): void;
  /** The connection is lost, and with it what was on its way. */
  reset(): void;
}

/** `flush` resolves when the server has taken everything that was written before; it rejects when the connection is lost. */
export function openOutboundWindow(
  flush: () => Promise<void>,
  nowMs: () => number = () => performance.now(),
): OutboundWindow {
  let bytes = 0;
  let windowBytes: number = limits.natsWindowBytesMax;
  let probe: { readonly bytes: number; readonly sinceMs: number } | null = null;

  function ask(): void {
    const mine = { bytes, sinceMs: nowMs() };
    probe = mine;
    flush().then(
      () => {
        if (probe === mine) taken(mine.bytes, nowMs() - mine.sinceMs);
      },
      () => {
        // A connection that is lost takes all of it along: bytes that nobody asks about any more would fill it for ever.
        if (probe === mine) reset();
      },
    );
  }

  function taken(count: number, ms: number): void {
    probe = null;
    bytes -= count;
    if (ms > limits.natsStallMs) {
      const inTime = (count / ms) * limits.natsWindowMs;
      windowBytes = Math.max(Math.min(inTime, limits.natsWindowBytesMax), limits.natsWindowBytesMin);
    } else if (ms < limits.natsFastMs) {
      windowBytes = Math.min(windowBytes * 2, limits.natsWindowBytesMax);
    }
    if (bytes >= limits.natsProbeBytes) ask();
  }

  function reset(): void {
    bytes = 0;
    probe = null;
    // As large as it was: whoever was lost because it is slow is slow when it is back.
  }

  const isStalled = (): boolean =>
    probe !== null && bytes >= limits.natsWindowBytesMin && nowMs() - probe.sinceMs > limits.natsStallMs;

  return {
    get bytes() {
      return bytes;
    },
    get isFull() {
      return bytes >= windowBytes || isStalled();
    },
    get isStalled() {
      return isStalled();
    },
    get share() {
      return windowBytes / limits.natsWindowBytesMax;
    },
    get isBursting() {
      return bytes >= limits.natsOutboundBytesMax;
    },
    add(count) {
      bytes += count;
    },
    written() {
      if (probe === null && bytes >= limits.natsProbeBytes) ask();
    },
    reset,
  };
}
