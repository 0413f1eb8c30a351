/** One sentence at the edge, for what failed or was done where nothing else shows it. */
import { signal } from '@preact/signals';
import { sentenceOf } from '../session/requests.ts';
import { Icon } from './icon.tsx';

const shownMs = 6_000;
const notice = signal<{ readonly words: string; readonly isBad: boolean } | null>(null);
let timer = 0;

export function tell(words: string, isBad = false): void {
  notice.value = { words, isBad };
  clearTimeout(timer);
  timer = setTimeout(dismiss, shownMs);
}

/** What went wrong, in the words of whoever refused it. */
export function tellProblem(error: unknown): void {
  tell(sentenceOf(error), true);
}

function dismiss(): void {
  notice.value = null;
}

export function Notice() {
  const shown = notice.value;
  return (
    <div class="notice-place" role="status" aria-live="polite">
      {shown !== null && (
        <p class={shown.isBad ? 'notice bad' : 'notice'}>
          <span>{shown.words}</span>
          <button type="button" class="quiet square" aria-label="Dismiss" onClick={dismiss}>
            <Icon name="close" />
          </button>
        </p>
      )}
    </div>
  );
}
