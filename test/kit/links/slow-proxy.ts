/**
 * A TCP proxy that makes a server slow: each direction has a delay and a bandwidth, which all connections share, and
 * both may be changed while they are open. It holds little itself and stops reading when that is full, so whoever
 * writes too much feels it, as at a server that does not read.
 */
import { connect, createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

export interface Slowness {
  /** What a byte takes in each direction, milliseconds. */
  readonly delayMs: number;
  /** Of each direction, for all connections together. */
  readonly bytesPerSec: number;
}

export interface SlowProxy {
  readonly port: number;
  /** From now on; null: as fast as it can. */
  slow(slowness: Slowness | null): void;
  /** Bytes that it holds now. */
  readonly heldBytes: number;
  /** Bytes that went through, in both directions. */
  readonly passedBytes: number;
  /** Ends every connection and listens no more. */
  close(): Promise<void>;
}

/** Of one direction of one connection. */
const heldBytesMax = 65_536;
/** So much leaves at once: a slow line is slow evenly. */
const pieceBytes = 4_096;
const tickMs = 2;
const fast: Slowness = { delayMs: 0, bytesPerSec: Number.POSITIVE_INFINITY };

export async function openSlowProxy(targetPort: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  const ways = [new Way(), new Way()] as const;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    ways[0].join(client, upstream);
    ways[1].join(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
  return {
    port: address.port,
    slow: (slowness) => {
      for (const way of ways) way.slowness = slowness ?? fast;
    },
    get heldBytes() {
      return ways[0].heldBytes + ways[1].heldBytes;
    },
    get passedBytes() {
      return ways[0].passedBytes + ways[1].passedBytes;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Piece {
  readonly bytes: Buffer;
  readonly cameMs: number;
}

/** One connection in one direction. */
interface Flow {
  readonly from: Socket;
  readonly to: Socket;
  readonly pieces: Piece[];
  held: number;
  hasEnded: boolean;
  isBlocked: boolean;
}

/** One direction: what all connections may send in it. */
class Way {
  passedBytes = 0;
  #slowness = fast;
  readonly #flows = new Set<Flow>();
  #freeAtMs = 0;
  #timer: NodeJS.Timeout | null = null;

  set slowness(slowness: Slowness) {
    this.#slowness = slowness;
    this.#freeAtMs = 0;
    this.#pump();
  }

  get heldBytes(): number {
    let bytes = 0;
    for (const { held } of this.#flows) bytes += held;
    return bytes;
  }

  join(from: Socket, to: Socket): void {
    const flow: Flow = { from, to, pieces: [], held: 0, hasEnded: false, isBlocked: false };
    this.#flows.add(flow);
    from.on('data', (chunk: Buffer) => this.#take(flow, chunk));
    from.on('end', () => {
      flow.hasEnded = true;
      this.#pump();
    });
    to.on('drain', () => {
      flow.isBlocked = false;
      this.#pump();
    });
    from.on('close', () => this.#flows.delete(flow));
  }

  #take(flow: Flow, chunk: Buffer): void {
    const cameMs = performance.now();
    for (let at = 0; at < chunk.length; at += pieceBytes)
      flow.pieces.push({ bytes: chunk.subarray(at, at + pieceBytes), cameMs });
    flow.held += chunk.length;
    if (flow.held >= heldBytesMax) flow.from.pause();
    this.#pump();
  }

  /** One piece of each connection in turn, as long as one is due and the line is free. */
  #pump(): void {
    for (let hasSent = true; hasSent; ) {
      hasSent = false;
      for (const flow of this.#flows) if (this.#sendOne(flow)) hasSent = true;
    }
    for (const flow of this.#flows) if (flow.hasEnded && flow.pieces.length === 0) flow.to.end();
    const isWaiting = [...this.#flows].some(({ pieces, isBlocked }) => pieces.length > 0 && !isBlocked);
    if (!isWaiting || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#pump();
    }, tickMs);
  }

  #sendOne(flow: Flow): boolean {
    const [piece] = flow.pieces;
    const nowMs = performance.now();
    const { delayMs, bytesPerSec } = this.#slowness;
    if (piece === undefined || flow.isBlocked || piece.cameMs + delayMs > nowMs) return false;
    if (this.#freeAtMs > nowMs) return false;
    flow.pieces.shift();
    const { length } = piece.bytes;
    // A tick that came late is made up for, a pause is not.
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs - 2 * tickMs) + (length / bytesPerSec) * 1_000;
    this.passedBytes += length;
    flow.held -= length;
    flow.isBlocked = !flow.to.write(piece.bytes);
    if (flow.held < heldBytesMax / 2 && flow.from.isPaused()) flow.from.resume();
    return true;
  }
}
