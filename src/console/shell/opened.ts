/** The dialog that is open, whoever asked for it: a button, or a key. */
import { signal } from '@preact/signals';

export type Opened = 'shortcuts' | 'new' | 'about' | 'pause';

export const opened = signal<Opened | null>(null);

export function open(what: Opened): void {
  opened.value = what;
}

/** `what`: that one, unless another one is open by now (a key may be faster than the browser's news of the end). */
export function close(what?: Opened): void {
  if (what === undefined || what === opened.value) opened.value = null;
}
