/** Messages that are being written in one conversation, token by token. */
import { signal } from '@preact/signals';
import type { Delta } from '../../client/index.ts';

export interface ShownDraft {
  readonly message: string;
  readonly run: string;
  readonly index: number;
  readonly text: string;
  /** Its agent said nothing for a minute. */
  readonly isSilent: boolean;
}

export class Drafts {
  readonly shown = signal<readonly ShownDraft[]>([]);

  take({ message_id: message, run, index, text }: Delta): void {
    const known = this.shown.value.find((one) => one.message === message);
    const draft = { message, run, index, text: (known?.text ?? '') + text, isSilent: false };
    this.shown.value =
      known === undefined
        ? [...this.shown.value, draft]
        : this.shown.value.map((one) => (one === known ? draft : one));
  }

  silence(message: string): void {
    this.shown.value = this.shown.value.map((one) =>
      one.message === message ? { ...one, isSilent: true } : one,
    );
  }

  /** It became a message. */
  end(message: string): void {
    if (this.shown.value.some((one) => one.message === message))
      this.shown.value = this.shown.value.filter((one) => one.message !== message);
  }

  clear(): void {
    this.shown.value = [];
  }
}
