/** Moves the window over the log of a conversation: a page back, a page on, to the end, to one line. */
import { signal } from '@preact/signals';
import type { Conversation, Cursor, Event } from '../../client/index.ts';
import { tellProblem } from '../shell/notice.tsx';
import type { EventWindow } from './event-window.ts';
import type { LaterChanges } from './later-changes.ts';

/** Events of a page. */
export const pageMax = 150;

export class LogReader {
  /** Which end is being loaded. */
  readonly reading = signal<'earlier' | 'later' | null>(null);
  readonly #conversation: Pick<Conversation, 'events' | 'page'>;
  readonly #window: EventWindow;
  readonly #later: LaterChanges;
  readonly #cursorAt: (position: number) => Cursor;

  constructor(
    conversation: Pick<Conversation, 'events' | 'page'>,
    window: EventWindow,
    later: LaterChanges,
    cursorAt: (position: number) => Cursor,
  ) {
    this.#conversation = conversation;
    this.#window = window;
    this.#later = later;
    this.#cursorAt = cursorAt;
  }

  async earlier(): Promise<void> {
    const { first } = this.#window;
    if (first <= 1) return;
    await this.#read('earlier', async () => {
      this.#window.putBefore(await this.#between(first - 1 - pageMax, first - 1));
    });
  }

  async later(): Promise<void> {
    await this.#read('later', async () => {
      const { last } = this.#window;
      this.#window.putAfter(await this.#between(last, last + pageMax));
    });
  }

  /** To what is newest, whatever lies between. */
  async toHead(): Promise<void> {
    await this.#read('later', async () => {
      const head = this.#window.head.value;
      if (head - this.#window.last > pageMax) this.#window.replace(await this.#between(head - pageMax, head));
      // What came while a page was read is a page of its own, in most cases of none.
      while (!this.#window.isAtHead.value) {
        const { last } = this.#window;
        this.#window.putAfter(await this.#between(last, last + pageMax));
      }
    });
  }

  /** Loads what is around the line of this seq, unless it is there. Answers its position; null: there is none. */
  async around(seq: number): Promise<number | null> {
    const { events } = await this.#conversation.page({ before: seq + 1, limit: 1 });
    const position = events[0]?.position;
    if (position === undefined) return null;
    const { first, last } = this.#window;
    if (position < first || position > last) {
      const start = Math.max(0, position - 1 - Math.floor(pageMax / 2));
      this.#window.replace(await this.#between(start, start + pageMax));
      await this.#readLater();
    }
    return position;
  }

  async #read(which: 'earlier' | 'later', piece: () => Promise<void>): Promise<void> {
    if (this.reading.value !== null) return;
    this.reading.value = which;
    try {
      await piece();
      await this.#readLater();
    } catch (error) {
      tellProblem(error);
    } finally {
      this.reading.value = null;
    }
  }

  async #readLater(): Promise<void> {
    const { isAtHead, events } = this.#window;
    if (isAtHead.value) return;
    const seqs = events.value.flatMap(({ seq }) => (seq === null ? [] : [seq]));
    const [from, to] = [seqs[0], seqs.at(-1)];
    if (from !== undefined && to !== undefined) await this.#later.read(from, to);
  }

  /** Events after one position up to another, or up to the newest. */
  async #between(after: number, upTo: number): Promise<readonly Event[]> {
    const start = Math.max(0, after);
    const end = Math.min(upTo, this.#window.head.value);
    const page: Event[] = [];
    if (end <= start) return page;
    for await (const item of this.#conversation.events({ after: this.#cursorAt(start) })) {
      if (item.type === 'reset' || item.position > end) break;
      page.push(item);
      if (item.position === end) break;
    }
    return page;
  }
}
