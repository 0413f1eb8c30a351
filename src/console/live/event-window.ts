/**
 * What of a conversation's events is loaded: a window without a gap, in the order of positions, and never longer than
 * `eventsMax`, however long one reads. It follows what comes while it reaches the newest event. For somebody who reads
 * further up, the full window stops where it is, and goes on when one reads on.
 */
import { computed, signal } from '@preact/signals';
import type { Event } from '../../domain/event.ts';

/** All of it is drawn: so many a browser draws again without a pause that one feels. */
export const eventsMax = 900;

export class EventWindow {
  readonly events = signal<readonly Event[]>([]);
  /** Position of the newest event that is known of, loaded or not. */
  readonly head = signal(0);
  /** Nothing newer is known of than what is loaded. */
  readonly isAtHead = computed(() => this.last >= this.head.value);
  /** There is something before what is loaded. */
  readonly hasEarlier = computed(() => this.first > 1);
  /** While nothing is loaded: the position that the first event comes after. */
  #start = 0;

  /** Position of the oldest event that is loaded. */
  get first(): number {
    return this.events.value[0]?.position ?? this.#start + 1;
  }

  /** Position of the newest event that is loaded. */
  get last(): number {
    return this.events.value.at(-1)?.position ?? this.#start;
  }

  /** Nothing is loaded; the first event comes after `start`, the newest is at `head`. */
  begin(start: number, head: number): void {
    this.#start = start;
    this.events.value = [];
    this.head.value = head;
  }

  /** One that came just now. `mayLetGo`: nobody looks at the oldest, so they may go. */
  add(event: Event, mayLetGo: boolean): void {
    const known = this.events.value;
    const isNext = event.position === this.last + 1;
    this.head.value = Math.max(this.head.value, event.position);
    if (!isNext || (known.length >= eventsMax && !mayLetGo)) return;
    this.events.value = [...known.slice(1 - eventsMax), event];
  }

  /** A page that ends where the window begins. What is too much goes at the other end. */
  putBefore(page: readonly Event[]): void {
    const older = page.filter(({ position }) => position < this.first);
    this.events.value = [...older, ...this.events.value].slice(0, eventsMax);
  }

  /** A page that begins where the window ends. What is too much goes at the other end. */
  putAfter(page: readonly Event[]): void {
    const newer = page.filter(({ position }) => position > this.last);
    this.events.value = [...this.events.value, ...newer].slice(-eventsMax);
    this.head.value = Math.max(this.head.value, this.last);
  }

  /** Another place in the log: what was loaded is let go. */
  replace(page: readonly Event[]): void {
    this.events.value = page;
    this.head.value = Math.max(this.head.value, this.last);
  }
}
