/** Sockets that keep what they get: a transport in memory for tests of the core. */
import type { CloseReason } from '../../../src/domain/problem.ts';
import type { Fanout, Frame, Outbox } from '../../../src/ports/outbox.ts';

export class MemorySockets implements Fanout {
  readonly #topics = new Map<string, Set<MemorySocket>>();

  publish(topic: string, frame: Frame): void {
    for (const socket of this.#topics.get(topic) ?? []) socket.send(frame);
  }

  join(topic: string, socket: MemorySocket): void {
    const sockets = this.#topics.get(topic) ?? new Set();
    sockets.add(socket);
    this.#topics.set(topic, sockets);
  }

  part(topic: string, socket: MemorySocket): void {
    this.#topics.get(topic)?.delete(socket);
  }

  socket(): MemorySocket {
    return new MemorySocket(this);
  }
}

export class MemorySocket implements Outbox {
  readonly #sockets: MemorySockets;
  /** Decoded frames in the order in which they came. */
  readonly frames: Record<string, unknown>[] = [];
  closedWith: CloseReason | null = null;
  bufferedBytes = 0;

  constructor(sockets: MemorySockets) {
    this.#sockets = sockets;
  }

  get isOpen(): boolean {
    return this.closedWith === null;
  }

  send(frame: Frame): boolean {
    if (!this.isOpen) return false;
    const text = typeof frame === 'string' ? frame : Buffer.from(frame).toString('utf8');
    this.frames.push(JSON.parse(text) as Record<string, unknown>);
    return true;
  }

  subscribe(topic: string): void {
    this.#sockets.join(topic, this);
  }

  unsubscribe(topic: string): void {
    this.#sockets.part(topic, this);
  }

  close(reason: CloseReason): void {
    this.closedWith ??= reason;
  }

  /** Positions of the events it got, for one conversation or all. */
  positions(conversation?: string): number[] {
    return this.events(conversation).map((event) => event.position);
  }

  events(conversation?: string): {
    position: number;
    seq: number | null;
    id: string;
    type: string;
    conversation: string;
    client_id?: string;
    actor: { id: string; kind: string };
    data: Record<string, unknown>;
  }[] {
    const events: ReturnType<MemorySocket['events']> = [];
    for (const frame of this.frames) {
      const event = frame['ev'] as ReturnType<MemorySocket['events']>[number] | undefined;
      if (event !== undefined && (conversation === undefined || event.conversation === conversation))
        events.push(event);
    }
    return events;
  }
}
