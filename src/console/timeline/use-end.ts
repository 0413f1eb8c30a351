/** The end of the timeline: stays there while one is there, counts what comes while one is not, says what was seen. */
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Talk } from '../live/talk.ts';

/** So near to the end one is at the end. */
const nearPx = 80;

interface End {
  /** One looks at what is newest. */
  readonly isAtEnd: boolean;
  /** Events that came since. */
  readonly unseen: number;
  readonly toEnd: () => void;
  /** The oldest line stays where it is when others come before it. */
  readonly hold: () => void;
}

export function useEnd(box: RefObject<HTMLDivElement | null>, talk: Talk): End {
  const { head, isAtHead } = talk.window;
  const [isAtEnd, setAtEnd] = useState(talk.isReadingEnd);
  const [seen, setSeen] = useState(head.value);
  const held = useRef<{ readonly element: HTMLElement; readonly top: number } | null>(null);
  const look = (): void => {
    if (box.current !== null) talk.isReadingEnd = isAtHead.value && isNear(box.current, nearPx);
    setAtEnd(talk.isReadingEnd);
  };
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    element.addEventListener('scroll', look, { passive: true });
    const observer = new ResizeObserver(() => talk.isReadingEnd && scrollDown(element));
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [talk]);
  // Whoever was at the end stays there, and what somebody else looks at stays where it is.
  useLayoutEffect(() => {
    const { current } = held;
    held.current = null;
    if (current !== null) box.current?.scrollBy(0, current.element.getBoundingClientRect().top - current.top);
    else if (talk.isReadingEnd && talk.sought.value === null) scrollDown(box.current);
    look();
  }, [talk.lines.value, talk.outbox.pending.value, talk.drafts.shown.value, isAtHead.value]);
  useEffect(() => {
    if (isAtEnd) setSeen(head.value);
  }, [isAtEnd, head.value]);
  useSeen(talk, isAtEnd);
  const toEnd = async (): Promise<void> => {
    if (!isAtHead.value) await talk.reader.toHead();
    talk.isReadingEnd = true;
    scrollDown(box.current);
    setAtEnd(true);
  };
  const hold = (): void => {
    const element = box.current?.querySelector<HTMLElement>('[data-position]') ?? null;
    held.current = element === null ? null : { element, top: element.getBoundingClientRect().top };
  };
  return { isAtEnd, unseen: Math.max(0, head.value - seen), toEnd: () => void toEnd(), hold };
}

function isNear(element: HTMLElement, px: number): boolean {
  return element.scrollHeight - element.scrollTop - element.clientHeight < px;
}

function scrollDown(element: HTMLElement | null): void {
  if (element !== null) element.scrollTop = element.scrollHeight;
}

/** What stands at the end of a page that is looked at has been seen. */
function useSeen(talk: Talk, isAtEnd: boolean): void {
  const seq = talk.lines.value.findLast((line) => line.seq !== null)?.seq ?? 0;
  useEffect(() => {
    const look = (): void => {
      if (isAtEnd && seq > 0 && document.visibilityState === 'visible' && talk.powers.value.isIn)
        talk.readMark.move(seq);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [talk, isAtEnd, seq]);
}
