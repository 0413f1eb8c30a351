/**
 * Event ids that waiting commands look for in what is stored. A command whose append had no clear end,
 * or that another node took over and may have given up on, must find its event however many others
 * came after it: so each folded entry is compared, and nothing depends on how long the tail is.
 */
import type { LogEntry } from '../../../domain/event.ts';
import type { EventId } from '../../../domain/ids.ts';

interface Search {
  /** Commands with this id: two when both nodes hold one of them. */
  waiting: number;
  entry: LogEntry | null;
}

export class Sought {
  readonly #searches = new Map<EventId, Search>();
  #found = 0;

  /** True when some event that is looked for has come. */
  get hasFound(): boolean {
    return this.#found > 0;
  }

  begin(id: EventId): void {
    const search = this.#searches.get(id);
    if (search === undefined) this.#searches.set(id, { waiting: 1, entry: null });
    else search.waiting += 1;
  }

  end(id: EventId): void {
    const search = this.#searches.get(id);
    if (search === undefined) return;
    search.waiting -= 1;
    if (search.waiting > 0) return;
    this.#searches.delete(id);
    if (search.entry !== null) this.#found -= 1;
  }

  /** Called for every entry that is folded. */
  take(entry: LogEntry): void {
    const search = this.#searches.get(entry.event.id);
    if (search === undefined || search.entry !== null) return;
    search.entry = entry;
    this.#found += 1;
  }

  found(id: EventId): LogEntry | null {
    return this.#searches.get(id)?.entry ?? null;
  }
}
