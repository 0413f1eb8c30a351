/**
 * One WebSocket as an Outbox. Frames of one turn are gathered and written in one cork (one system
 * call); the order with topic frames is kept, because joining a topic writes what waits first.
 */
import type { WebSocket } from 'uWebSockets.js';
import type {
  Admission,
  SocketContext,
  SocketConversation,
  SocketDialect,
  SocketPeer,
} from '../../contract/sockets/socket.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { type CloseReason, closes, type Problem } from '../../domain/problem.ts';
import type { Frame } from '../../ports/outbox.ts';
import type { Tracing } from '../../ports/tracing.ts';
import { refuseForeignTenant, type SaidInHandshake } from './gate/handshake-context.ts';
import type { Place } from './gate/socket-census.ts';
import type { Lingering } from './slow-readers.ts';
import type { TopicFanout } from './topic-fanout.ts';

type Socket = WebSocket<never>;

/** What the handshake left behind. */
interface PeerSide {
  readonly principal: Principal | null;
  readonly address: string;
  readonly said: SaidInHandshake;
  readonly place: Place;
  /** Null: the dialect accepts every socket. */
  readonly admission: Admission | null;
  readonly lingering: Pick<Lingering, 'admit'>;
  readonly onRefused: (problem: Problem) => void;
  readonly tracing: Tracing;
}

export class UwsPeer implements SocketPeer {
  readonly principal: Principal | null;
  readonly address: string;
  readonly context: SocketContext;
  readonly tracing: Tracing;
  readonly #socket: Socket;
  readonly #dialect: SocketDialect;
  readonly #fanout: TopicFanout;
  readonly #place: Place;
  readonly #admission: Admission | null;
  readonly #orgId: string | null;
  readonly #lingering: PeerSide['lingering'];
  readonly #onRefused: PeerSide['onRefused'];
  #isSlow = false;
  /** What it sent before it said who it is. */
  #helloFrames = 0;
  #helloBytes = 0;
  #conversation: SocketConversation | null = null;
  #waiting: Frame[] = [];
  #waitingBytes = 0;
  #isOpen = true;
  /** A frame was dropped: nothing may follow it. */
  #isDoomed = false;

  constructor(socket: unknown, dialect: SocketDialect, fanout: TopicFanout, handshake: PeerSide) {
    this.#socket = socket as Socket;
    this.#dialect = dialect;
    this.#fanout = fanout;
    this.principal = handshake.principal;
    this.address = handshake.address;
    this.context = handshake.said.context;
    this.#orgId = handshake.said.orgId;
    this.#place = handshake.place;
    this.#admission = handshake.admission;
    this.#lingering = handshake.lingering;
    this.#onRefused = handshake.onRefused;
    this.tracing = handshake.tracing;
  }

  refused(problem: Problem): void {
    this.#onRefused(problem);
  }

  identify(principal: Principal): Problem | null {
    return refuseForeignTenant(this.#orgId, principal) ?? this.#place.identify(principal);
  }

  /** False: it sent more than a hello, and did not say who it is. */
  mayStillSend(bytes: number): boolean {
    if (!this.#place.isAnonymous) return true;
    this.#helloFrames += 1;
    this.#helloBytes += bytes;
    return this.#helloFrames <= limits.helloFramesMax && this.#helloBytes <= limits.helloBytesMax;
  }

  /** It was closed because it did not read. */
  get isSlow(): boolean {
    return this.#isSlow;
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#isDoomed;
  }

  get bufferedBytes(): number {
    return this.#isOpen ? this.#socket.getBufferedAmount() + this.#waitingBytes : 0;
  }

  begin(): void {
    this.#conversation = (this.#admission ?? this.#dialect).accept(this);
  }

  take(bytes: ArrayBuffer): void {
    this.#conversation?.onFrame(bytes);
  }

  /** The transport says that the socket is closed: it may not be touched any more. */
  gone(): void {
    this.#isOpen = false;
    this.#waiting = [];
    const conversation = this.#conversation;
    this.#conversation = null;
    conversation?.onClosed();
  }

  /** Closes a peer that does not read, while there is still room to tell it why. */
  closeIfSlow(): boolean {
    if (this.isOpen && this.bufferedBytes <= limits.outboxBytesMax) return false;
    this.close('slow_consumer');
    return true;
  }

  /**
   * The transport dropped a frame of this socket. It says so in the middle of its own write: to close the
   * socket there pulls it from under that write and ends the process (SIGSEGV), so it is done a turn later.
   */
  dropped(): void {
    if (!this.isOpen) return;
    this.#isDoomed = true;
    this.#waiting = [];
    setImmediate(() => this.close('slow_consumer'));
  }

  send(frame: Frame): boolean {
    if (!this.isOpen || this.closeIfSlow()) return false;
    if (this.#waiting.length === 0) queueMicrotask(() => this.#flush());
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    return true;
  }

  subscribe(topic: string): void {
    if (!this.isOpen) return;
    this.#flush();
    // What is held of the topic was published before this socket joined.
    this.#fanout.flush(topic);
    if (this.#isOpen) this.#socket.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    if (!this.#isOpen) return;
    this.#fanout.flush(topic);
    this.#socket.unsubscribe(topic);
  }

  /** Asks the client for a sign of life. */
  ping(): void {
    if (this.#isOpen) this.#socket.ping();
  }

  /** Runs `work` while this socket is corked; what others write in it is not held back. */
  cork(work: () => void): void {
    if (this.#isOpen) this.#socket.cork(work);
    else work();
  }

  close(reason: CloseReason, retryAfterMs?: number): void {
    if (!this.#isOpen) return;
    const { code, reconnect } = closes[reason];
    const farewell = this.#dialect.farewell(reason, code, reconnect ? (retryAfterMs ?? 0) : null);
    // A slow consumer has no room for a farewell.
    if (farewell !== null && reason !== 'slow_consumer') this.#waiting.push(farewell);
    this.#flush();
    if (!this.#isOpen) return;
    this.#isSlow = reason === 'slow_consumer';
    // Both call the close handler at once.
    if (this.#isSlow && !this.#lingering.admit(this.bufferedBytes)) this.#socket.close();
    else this.#socket.end(code, reason);
  }

  #flush(): void {
    const frames = this.#waiting;
    if (frames.length === 0 || !this.isOpen) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (frames.length === 1) {
      this.#socket.send(frames[0] ?? '', false);
      return;
    }
    this.#socket.cork(() => {
      for (const frame of frames) if (this.isOpen) this.#socket.send(frame, false);
    });
  }
}
