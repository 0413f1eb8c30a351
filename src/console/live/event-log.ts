/** Events of one conversation as far as they are loaded: without a gap, in the order of positions. */
import { signal } from '@preact/signals';
import type { Event } from '../../domain/event.ts';

/** Beyond it the oldest are let go; they can be loaded again. */
const eventsMax = 3_000;

export class EventLog {
  readonly events = signal<readonly Event[]>([]);

  /** The next one; what is known already is passed over. */
  add(event: Event): void {
    const known = this.events.value;
    if (event.position <= (known.at(-1)?.position ?? 0)) return;
    this.events.value = [...known.slice(1 - eventsMax), event];
  }

  /** A page that ends where the known ones begin. */
  putBefore(page: readonly Event[]): void {
    const first = this.events.value[0]?.position ?? Number.POSITIVE_INFINITY;
    const older = page.filter(({ position }) => position < first);
    this.events.value = [...older, ...this.events.value];
  }

  clear(): void {
    this.events.value = [];
  }
}
