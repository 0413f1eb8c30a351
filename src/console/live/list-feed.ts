/** What happens in all conversations, as far as the list and the directory show it. */
import type { Signal } from '@preact/signals';
import type { Delta, Event, FeedItem, ParleyClient, Pulse } from '../../client/index.ts';
import type { Account } from '../session/account.ts';
import type { Directory } from './directory.ts';
import { type Summaries, withEvent, withRead } from './summaries.ts';

/** Events of conversations that the list does not have yet. */
const earlyMax = 500;
const reloadAfterMs = 400;
/** An agent that is silent for longer writes no more, whatever became of the news of it. */
const silentMs = 90_000;

/** Messages that are being written in one conversation. */
interface Writing {
  readonly messages: Set<string>;
  timer: number;
}

/** Whose list it is. */
export interface ListOwner {
  readonly account: Account;
  readonly directory: Directory;
  readonly summaries: Signal<Summaries>;
  readonly streaming: Signal<ReadonlySet<string>>;
  load(): Promise<void>;
}

export class ListFeed {
  readonly #desk: ListOwner;
  #early: Event[] = [];
  #reload = 0;
  readonly #writing = new Map<string, Writing>();

  constructor(desk: ListOwner) {
    this.#desk = desk;
  }

  begin(client: ParleyClient): void {
    void this.#follow(client);
  }

  /** Rows have come: what had happened in them is told now. */
  takeEarly(): void {
    const early = this.#early;
    this.#early = [];
    for (const event of early) this.#takeEvent(event, true);
  }

  async #follow(client: ParleyClient): Promise<void> {
    try {
      for await (const item of client.follow({ deltas: true, pulses: true })) this.#take(item);
    } catch {
      // Closed: whoever holds the connection tells why.
    }
  }

  #take(item: FeedItem): void {
    if (item.type === 'delta') this.#takeDelta(item);
    else if (item.type === 'pulse') this.#takePulse(item);
    else if (item.type === 'reset') this.#reloadSoon();
    else this.#takeEvent(item, false);
  }

  #takeEvent(event: Event, isOld: boolean): void {
    const { summaries, account } = this.#desk;
    if (event.type === 'message.posted') this.#endDraft(event.conversation, event.data.message_id);
    if (!summaries.value.has(event.conversation)) {
      if (isOld || event.type === 'conversation.deleted') return;
      this.#early = [...this.#early.slice(1 - earlyMax), event];
      this.#reloadSoon();
      return;
    }
    summaries.value = withEvent(summaries.value, event, account.id);
  }

  #takePulse(pulse: Pulse): void {
    const { directory, summaries, account } = this.#desk;
    if (pulse.kind === 'presence') directory.setStatus(pulse.from, pulse.status);
    if (pulse.kind === 'draft.abandoned') this.#endDraft(pulse.conversation, pulse.message_id);
    if (pulse.kind !== 'read' || pulse.from !== account.id) return;
    // Read on another device of the same person.
    const summary = summaries.value.get(pulse.conversation);
    if (summary === undefined || pulse.up_to <= summary.lastReadSeq) return;
    if (pulse.up_to >= summary.seq) summaries.value = withRead(summaries.value, summary.id, pulse.up_to, 0);
    else this.#reloadSoon();
  }

  #takeDelta({ conversation, message_id: message }: Delta): void {
    const writing = this.#writing.get(conversation) ?? { messages: new Set(), timer: 0 };
    this.#writing.set(conversation, writing);
    writing.messages.add(message);
    clearTimeout(writing.timer);
    writing.timer = setTimeout(() => this.#endWriting(conversation), silentMs);
    this.#tellStreaming();
  }

  #endDraft(conversation: string, message: string): void {
    const writing = this.#writing.get(conversation);
    if (writing?.messages.delete(message) === true && writing.messages.size === 0)
      this.#endWriting(conversation);
  }

  #endWriting(conversation: string): void {
    clearTimeout(this.#writing.get(conversation)?.timer);
    if (this.#writing.delete(conversation)) this.#tellStreaming();
  }

  #tellStreaming(): void {
    const { streaming } = this.#desk;
    const now = [...this.#writing.keys()];
    if (now.length !== streaming.value.size || now.some((id) => !streaming.value.has(id)))
      streaming.value = new Set(now);
  }

  #reloadSoon(): void {
    clearTimeout(this.#reload);
    this.#reload = setTimeout(() => void this.#desk.load(), reloadAfterMs);
  }
}
