/** Messages of one's own on their way: shown at once, sent until the server has them. */
import { signal } from '@preact/signals';
import { type Conversation, uuidV7 } from '../../client/index.ts';
import { sentenceOf } from '../session/requests.ts';
import { tellProblem } from '../shell/notice.tsx';

export interface Pending {
  readonly clientId: string;
  readonly content: string;
  readonly replyTo: string | null;
  /** Why it was not sent; null: it is being sent, over as many connections as it takes. */
  readonly problem: string | null;
}

export class Outbox {
  readonly pending = signal<readonly Pending[]>([]);
  readonly #conversation: Pick<Conversation, 'post'>;
  #isSeen = true;

  constructor(conversation: Pick<Conversation, 'post'>) {
    this.#conversation = conversation;
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

  /** Nobody looks at it any more: what is on its way goes on, and what fails is told elsewhere. */
  close(): void {
    this.#isSeen = false;
  }

  async #send({ clientId, content, replyTo }: Pending): Promise<void> {
    try {
      const reply = replyTo === null ? {} : { reply_to: replyTo };
      await this.#conversation.post({ content, client_id: clientId, ...reply });
    } catch (error) {
      if (this.#isSeen) this.#mark(clientId, sentenceOf(error));
      else tellProblem(error);
    }
  }

  #mark(clientId: string, problem: string | null): void {
    this.pending.value = this.pending.value.map((one) =>
      one.clientId === clientId ? { ...one, problem } : one,
    );
  }
}
