/** Light, dark, or as the system is. The only thing that the console keeps in the browser's storage. */
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const key = 'parley.theme';
const order: readonly Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>(kept());

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === 'system') delete dataset['theme'];
  else dataset['theme'] = theme.value;
});

export function nextTheme(): void {
  theme.value = order[(order.indexOf(theme.value) + 1) % order.length] ?? 'system';
  try {
    localStorage.setItem(key, theme.value);
  } catch {
    // A browser that keeps nothing shows the system's theme next time.
  }
}

function kept(): Theme {
  try {
    return order.find((one) => one === localStorage.getItem(key)) ?? 'system';
  } catch {
    return 'system';
  }
}
