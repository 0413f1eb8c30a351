/**
 * Publishing to topics. uWebSockets.js merges what is published in one turn of the loop into one write
 * for each socket, and with many readers that write is nearly all the work (5 microseconds each). So
 * when more frames of a topic with a large audience are about to come, they are held for a moment and
 * published together: with 200 readers and 8 posts in flight that doubles the deliveries. The last
 * frame, a lone one, and every frame for a small audience leave at once.
 */
import type { TemplatedApp } from 'uWebSockets.js';
import type { TopicReaders, Topics } from '../../contract/sockets/event-door.ts';
import { limits } from '../../domain/limits.ts';
import type { Fanout, Frame } from '../../ports/outbox.ts';

export class TopicFanout implements Fanout, Topics {
  #app: TemplatedApp | null = null;
  #others: TopicReaders | null = null;
  readonly #held = new Map<string, Frame[]>();
  #timer: NodeJS.Timeout | null = null;
  #holdMs: number = limits.fanoutGatherMs;
  /** Bytes published since the sockets were last looked at: no outbox can have grown by more. */
  #bytes = 0;
  readonly #onLoad: () => void;

  /** `onLoad`: so much was published that somebody who does not read may be over the bound by now. */
  constructor(onLoad: () => void) {
    this.#onLoad = onLoad;
  }

  attach(app: TemplatedApp): void {
    this.#app = app;
  }

  /** Readers that are no WebSockets get each frame in the same order. */
  alsoTo(readers: TopicReaders): void {
    this.#others = readers;
  }

  publish(topic: string, frame: Frame, readers: number, isMoreComing: boolean): void {
    const held = this.#held.get(topic);
    if (isMoreComing && readers >= limits.fanoutGatherFrom) {
      if (held === undefined) this.#held.set(topic, [frame]);
      else held.push(frame);
      if (held !== undefined && held.length >= limits.fanoutGatherFramesMax) this.flush(topic);
      else this.#schedule();
      return;
    }
    if (held !== undefined) this.flush(topic);
    this.#write(topic, frame);
  }

  /** Publishes what is held of a topic: before its membership changes. */
  flush(topic: string): void {
    const held = this.#held.get(topic);
    if (held === undefined) return;
    this.#held.delete(topic);
    for (const frame of held) this.#write(topic, frame);
  }

  #write(topic: string, frame: Frame): void {
    this.#app?.publish(topic, frame, false);
    this.#others?.publish(topic, frame);
    const before = this.#bytes;
    this.#bytes += frame.length;
    if (before > limits.outboxLookBytes || this.#bytes <= limits.outboxLookBytes) return;
    // Once more is in the outboxes: after this turn's write.
    setImmediate(() => {
      this.#bytes = 0;
      this.#onLoad();
    });
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#flushAll(), this.#holdMs);
  }

  #flushAll(): void {
    const begunMs = performance.now();
    for (const topic of [...this.#held.keys()]) this.flush(topic);
    this.#restAfterWriting(begunMs);
  }

  /**
   * uWebSockets.js writes at the end of this turn of the loop. As long as that takes, nothing new can
   * arrive; so the next hold begins after it and lasts at least as long: writing never takes more than
   * half of the time, and the busier the sockets, the more frames share a write.
   */
  #restAfterWriting(begunMs: number): void {
    // The first callback runs before the write, the second one after it.
    setImmediate(() => {
      setImmediate(() => {
        const writeMs = performance.now() - begunMs;
        this.#holdMs = Math.min(Math.max(writeMs, limits.fanoutGatherMs), limits.fanoutGatherMsMax);
        this.#timer = null;
        if (this.#held.size > 0) this.#schedule();
      });
    });
  }
}
