/** The line that somebody was sent to: shown in the middle, with the focus, once it is there. */
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { Talk } from '../live/talk.ts';

export function useSought(box: RefObject<HTMLDivElement | null>, talk: Talk): void {
  const position = talk.sought.value;
  const lines = talk.lines.value;
  useLayoutEffect(() => {
    if (position === null) return;
    const line = box.current?.querySelector<HTMLElement>(`[data-position="${position}"]`) ?? null;
    if (line === null) return;
    line.scrollIntoView({ block: 'center' });
    line.focus({ preventScroll: true });
    // Where it stands at the top already nothing scrolls: whoever follows the end is told that it is not there.
    box.current?.dispatchEvent(new Event('scroll'));
    talk.sought.value = null;
  }, [talk, position, lines]);
}
