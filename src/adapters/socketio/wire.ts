/**
 * What one client is sent, whatever it is connected by. On a WebSocket topics are subscribed at uWebSockets.js, so
 * that a broadcast costs no line of JavaScript for each reader. Before the client is told that it is connected,
 * and while it polls, the wire takes the frames of its topics itself. Topics move in one turn, behind what waits.
 */
import type { EngineSocket, Topics } from '../../contract/sockets/event-door.ts';
import { limits } from '../../domain/limits.ts';
import type { Frame } from '../../ports/outbox.ts';
import type { EngineConnection } from './engine-connection.ts';
import type { PolledTopics, TopicMember } from './polled-topics.ts';

export interface WireWorld {
  readonly topics: Topics;
  readonly polled: PolledTopics;
}

const plain = { compress: false } as const;

export class Wire implements TopicMember {
  readonly #world: WireWorld;
  readonly #connection: EngineConnection;
  /** Told when more waits than may, or a frame was lost; nothing is taken any more. */
  readonly #onSlow: () => void;
  readonly #subscribed = new Set<string>();
  #waiting: Frame[] = [];
  #waitingBytes = 0;
  /** Written while nobody polled. */
  #polledBytes = 0;
  #isLive = false;
  #isOpen = true;
  /** Set while topics are subscribed at it. */
  #socket: EngineSocket | null = null;

  constructor(world: WireWorld, connection: EngineConnection, onSlow: () => void) {
    this.#world = world;
    this.#connection = connection;
    this.#onSlow = onSlow;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get bufferedBytes(): number {
    if (!this.#isOpen) return 0;
    return this.#waitingBytes + this.#polledBytes + (this.#socket?.getBufferedAmount() ?? 0);
  }

  /** The client was told that it is connected: what waited for that follows. */
  goLive(): void {
    if (!this.#isOpen) return;
    this.#isLive = true;
    const { transport } = this.#connection;
    if (transport.name === 'websocket') return this.#useSocket();
    this.#connection.on('flush', () => {
      this.#polledBytes = 0;
    });
    this.#flush();
  }

  /** The connection has another transport: called before what it has buffered is written to it. */
  upgraded(): void {
    if (!this.#isOpen) return;
    // Its own buffer is older than what waits here.
    this.#connection.flush();
    this.#polledBytes = 0;
    this.#connection.removeAllListeners('flush');
    if (this.#isLive) this.#useSocket();
  }

  send(frame: Frame): boolean {
    this.take(frame);
    return this.#isOpen;
  }

  take(frame: Frame): void {
    if (this.closeIfSlow()) return;
    if (this.#waiting.length === 0 && this.#isLive) queueMicrotask(() => this.#flush());
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
  }

  closeIfSlow(): boolean {
    if (!this.#isOpen) return true;
    if (this.bufferedBytes <= limits.outboxBytesMax) return false;
    this.#slow();
    return true;
  }

  subscribe(topic: string): void {
    if (!this.#isOpen || this.#subscribed.has(topic)) return;
    this.#flush();
    // What is held of the topic was published before this socket joined.
    this.#world.topics.flush(topic);
    if (!this.#isOpen) return;
    this.#subscribed.add(topic);
    if (this.#socket === null) this.#world.polled.join(topic, this);
    else this.#socket.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    if (!this.#isOpen || !this.#subscribed.has(topic)) return;
    this.#world.topics.flush(topic);
    if (!this.#isOpen) return;
    this.#subscribed.delete(topic);
    if (this.#socket === null) this.#world.polled.leave(topic, this);
    else this.#socket.unsubscribe(topic);
  }

  unsubscribeAll(): void {
    for (const topic of [...this.#subscribed]) this.unsubscribe(topic);
  }

  /** Writes what waits, and takes nothing any more. */
  end(): void {
    this.#flush();
    this.gone();
  }

  /** The connection is closed: its WebSocket may not be touched any more. */
  gone(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#waiting = [];
    for (const topic of this.#subscribed) this.#world.polled.leave(topic, this);
    this.#subscribed.clear();
    this.#socket = null;
  }

  #useSocket(): void {
    const { transport } = this.#connection;
    const { socket } = transport;
    if (socket === undefined) return;
    transport.on('dropped', () => this.#slow());
    // What is held of a topic goes the old way first.
    for (const topic of this.#subscribed) this.#world.topics.flush(topic);
    if (!this.#isOpen) return;
    this.#socket = socket;
    this.#flush();
    if (!this.#isOpen) return;
    for (const topic of this.#subscribed) {
      this.#world.polled.leave(topic, this);
      socket.subscribe(topic);
    }
  }

  /**
   * The transport may be in the middle of its own write, and this wire in that of a publish: who is slow is
   * closed a turn later, and until then nothing is taken.
   */
  #slow(): void {
    if (!this.#isOpen) return;
    this.gone();
    setImmediate(this.#onSlow);
  }

  #flush(): void {
    const frames = this.#waiting;
    if (frames.length === 0 || !this.#isOpen || !this.#isLive) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const socket = this.#socket;
    if (socket === null) for (const frame of frames) this.#writePolled(frame);
    else if (frames.length === 1) socket.send(frames[0] ?? '', false);
    else {
      socket.cork(() => {
        for (const frame of frames) if (this.#isOpen) socket.send(frame, false);
      });
    }
  }

  #writePolled(frame: Frame): void {
    const text = typeof frame === 'string' ? frame : Buffer.from(frame).toString('utf8');
    // A write that is flushed at once sets it to 0 again.
    this.#polledBytes += text.length;
    this.#connection.write(text.slice(1), plain);
  }
}
