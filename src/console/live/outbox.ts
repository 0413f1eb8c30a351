/** Messages of one's own on their way: shown at once, sent until the server has them. */
import { signal } from '@preact/signals';
import { type Conversation, ParleyProblem, uuidV7 } from '../../client/index.ts';
import { sentenceOf } from '../session/requests.ts';
import { tellProblem } from '../shell/notice.tsx';
import type { Pending, Written } from './unsent.ts';

/** The connection ended for good, which whoever looks at the page is told anyway. */
const signedOut: ReadonlySet<string> = new Set(['closed', 'unauthenticated']);

export class Outbox {
  readonly pending = signal<readonly Pending[]>([]);
  readonly #conversation: Pick<Conversation, 'post'>;
  readonly #written: Pick<Written, 'failed'>;
  #isSeen = true;

  /** `written`: where what cannot be sent is kept when nobody looks at it. */
  constructor(conversation: Pick<Conversation, 'post'>, written: Pick<Written, 'failed'>) {
    this.#conversation = conversation;
    this.#written = written;
    this.pending.value = written.failed;
  }

  post(content: string, replyTo: string | null): void {
    const pending = { clientId: uuidV7(), content, replyTo, problem: null };
    this.pending.value = [...this.pending.value, pending];
    void this.#send(pending);
  }

  /** The same again: by its client id it is stored once, whatever became of it before. */
  retry(pending: Pending): void {
    this.#mark(pending.clientId, null);
    void this.#send(pending);
  }

  /** It came back as an event, or one lets it be. */
  drop(clientId: string): void {
    if (this.pending.value.some((one) => one.clientId === clientId))
      this.pending.value = this.pending.value.filter((one) => one.clientId !== clientId);
  }

  /** Nobody looks at it any more: what is on its way goes on, and what fails is told elsewhere and kept. */
  close(): void {
    if (!this.#isSeen) return;
    this.#isSeen = false;
    this.#written.failed = this.pending.value.filter(({ problem }) => problem !== null);
  }

  async #send(pending: Pending): Promise<void> {
    const { clientId, content, replyTo } = pending;
    try {
      const reply = replyTo === null ? {} : { reply_to: replyTo };
      await this.#conversation.post({ content, client_id: clientId, ...reply });
    } catch (error) {
      const isOver = error instanceof ParleyProblem && signedOut.has(error.code);
      const problem = isOver ? 'You were signed out before it was sent.' : sentenceOf(error);
      if (this.#isSeen) return this.#mark(clientId, problem);
      this.#written.failed = [...this.#written.failed, { ...pending, problem }];
      if (!isOver) tellProblem(error);
    }
  }

  #mark(clientId: string, problem: string | null): void {
    this.pending.value = this.pending.value.map((one) =>
      one.clientId === clientId ? { ...one, problem } : one,
    );
  }
}
