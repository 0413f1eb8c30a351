/**
 * A conversation's log as a stranger saw it being written: every event with its content, from the live
 * feed of a connection of its own, and the states that the rules fold from it.
 */
import type { ConversationRef, LogEntry } from '../../src/domain/event.ts';
import { evolve } from '../../src/domain/evolve/evolve.ts';
import { type ConversationState, emptyState } from '../../src/domain/state.ts';
import { applyToTimeline, entryId, type TimelineEntry } from '../../src/domain/timeline.ts';
import type { LiveFeed } from '../../src/ports/live-feed.ts';
import type { Log } from '../../src/ports/log.ts';
import { until } from '../kit/log-entries.ts';

export class CapturedLog {
  readonly ref: ConversationRef;
  /** In the order in which they were committed. */
  readonly entries: LogEntry[] = [];
  /** `states[n]` is what the first n entries fold to. */
  readonly states: ConversationState[] = [emptyState()];
  readonly stop: () => void;

  constructor(ref: ConversationRef, live: LiveFeed) {
    this.ref = ref;
    this.stop = live.follow(ref, (one) => {
      const entry = one.decode();
      this.entries.push(entry);
      this.states.push(evolve(this.states.at(-1)!, entry));
    });
  }

  get position(): number {
    return this.entries.length;
  }

  /** Waits until everything that the log holds now was captured. */
  async settled(log: Log): Promise<void> {
    const head = await log.head(this.ref);
    if (typeof head !== 'number') throw new Error(head.code);
    await until(() => (this.entries.at(-1)?.logSeq ?? 0) >= head);
  }

  at(position: number): LogEntry | undefined {
    return this.entries[position - 1];
  }

  /** The states that the log went through between two heads, the one at the first head included. */
  statesBetween(beforeLogSeq: number, afterLogSeq: number): ConversationState[] {
    const first = this.states.findLastIndex((state) => state.logSeq <= beforeLogSeq);
    return this.states.filter((state, index) => index >= first && state.logSeq <= afterLogSeq);
  }

  /** The timeline as it was at a position. */
  timelineAt(position: number): TimelineEntry[] {
    const timeline: TimelineEntry[] = [];
    for (const entry of this.entries) if (entry.event.position <= position) applyToTimeline(timeline, entry);
    return timeline;
  }

  entryAt(message: string, position: number): TimelineEntry | null {
    return this.timelineAt(position).find((one) => entryId(one) === message) ?? null;
  }
}
