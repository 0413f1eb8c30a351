/** The dialog that is open, whoever asked for it: a button, or a key. */
import { signal } from '@preact/signals';

export type Opened = 'shortcuts' | 'new' | 'about' | 'pause';

export const opened = signal<Opened | null>(null);

export function open(what: Opened): void {
  opened.value = what;
}

export function close(): void {
  opened.value = null;
}
