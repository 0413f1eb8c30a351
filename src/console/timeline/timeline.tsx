/** The timeline: everything that happened, oldest first, and what is being written now. */
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Talk } from '../live/talk.ts';
import { counted, dayOf, isSameDay } from '../shell/words.ts';
import { DraftRow } from './draft-row.tsx';
import { FactRow } from './fact-row.tsx';
import type { TimelineLine } from './fold.ts';
import { MessageRow } from './message-row.tsx';
import { PendingRow } from './pending-row.tsx';
import { onTimelineKey } from './timeline-keys.ts';

/** So near to the end one is at the end. */
const nearPx = 80;
/** Messages of one person this soon after each other stand together. */
const togetherMs = 5 * 60_000;

export function Timeline({ talk }: { readonly talk: Talk }) {
  const box = useRef<HTMLDivElement>(null);
  const lines = talk.lines.value;
  // Each delta draws the timeline again: lines that did not change are not looked at.
  const shown = useMemo(() => <Lines talk={talk} lines={lines} />, [talk, lines]);
  const { isAtEnd, unseen, toEnd } = useEnd(box, talk);
  return (
    <div class="timeline-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and arrow keys move between the messages in it */}
      <div ref={box} class="timeline" role="log" aria-label="Messages" tabIndex={0} onKeyDown={onTimelineKey}>
        <Earlier talk={talk} box={box} />
        {lines.length === 0 && talk.stage.value === 'ready' && (
          <p class="empty">Nothing has been said yet.</p>
        )}
        {shown}
        <Drafts talk={talk} />
        {talk.pending.value.map((pending) => (
          <PendingRow key={pending.clientId} talk={talk} pending={pending} />
        ))}
      </div>
      {!isAtEnd && (
        <button type="button" class="to-end" onClick={toEnd}>
          {unseen > 0 ? `${counted(unseen, 'new event')} ↓` : 'To the end ↓'}
        </button>
      )}
    </div>
  );
}

function Drafts({ talk }: { readonly talk: Talk }) {
  return (
    <>
      {talk.drafts.value.map((draft) => (
        <DraftRow key={draft.message} talk={talk} draft={draft} />
      ))}
    </>
  );
}

function Lines({ talk, lines }: { readonly talk: Talk; readonly lines: readonly TimelineLine[] }) {
  const byId = new Map(lines.map((line) => [line.key, line]));
  return (
    <>
      {lines.map((line, index) => {
        const before = lines[index - 1];
        const isNewDay = before === undefined || !isSameDay(before.at, line.at);
        return (
          <Line
            key={line.key}
            talk={talk}
            line={line}
            day={isNewDay ? dayOf(line.at) : null}
            isContinued={!isNewDay && continues(before, line)}
            repliedTo={line.kind === 'message' && line.replyTo !== null ? byId.get(line.replyTo) : undefined}
          />
        );
      })}
    </>
  );
}

interface LineProps {
  readonly talk: Talk;
  readonly line: TimelineLine;
  /** Of the first line of a day. */
  readonly day: string | null;
  readonly isContinued: boolean;
  readonly repliedTo: TimelineLine | undefined;
}

function Line({ talk, line, day, isContinued, repliedTo }: LineProps) {
  return (
    <>
      {day !== null && (
        <h3 class="day">
          <span>{day}</span>
        </h3>
      )}
      {line.kind === 'fact' ? (
        <FactRow talk={talk} line={line} />
      ) : (
        <MessageRow {...{ talk, line, isContinued, repliedTo }} />
      )}
    </>
  );
}

function continues(before: TimelineLine | undefined, line: TimelineLine): boolean {
  if (before === undefined || before.kind !== 'message' || line.kind !== 'message') return false;
  if (before.actor.id !== line.actor.id || line.replyTo !== null || line.isInternal !== before.isInternal)
    return false;
  return Date.parse(line.at) - Date.parse(before.at) < togetherMs;
}

/** What was before; where one is looking stays where it is while it comes. */
function Earlier({ talk, box }: { readonly talk: Talk; readonly box: RefObject<HTMLDivElement | null> }) {
  if (!talk.hasEarlier.value) return null;
  const load = async (): Promise<void> => {
    const element = box.current;
    const fromEnd = element === null ? 0 : element.scrollHeight - element.scrollTop;
    await talk.loadEarlier();
    requestAnimationFrame(() => {
      if (element !== null) element.scrollTop = element.scrollHeight - fromEnd;
    });
  };
  return (
    <button
      type="button"
      class="quiet more"
      aria-busy={talk.isLoadingEarlier.value}
      onClick={() => void load()}
    >
      {talk.isLoadingEarlier.value ? 'Loading…' : 'Show what was before'}
    </button>
  );
}

/** Stays at the end while one is there, counts what comes while one is not, and says what was seen. */
function useEnd(box: RefObject<HTMLDivElement | null>, talk: Talk) {
  const [isAtEnd, setAtEnd] = useState(true);
  const [seenLines, setSeenLines] = useState(0);
  const count = talk.lines.value.length + talk.pending.value.length;
  const growth = talk.drafts.value;
  const toEnd = (): void => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  };
  useEffect(() => {
    const element = box.current;
    const look = (): void => {
      if (element !== null)
        setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < nearPx);
    };
    element?.addEventListener('scroll', look, { passive: true });
    const observer = new ResizeObserver(() => isAtEndOf(element) && toEnd());
    if (element !== null) observer.observe(element);
    return () => {
      element?.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [talk]);
  useLayoutEffect(() => {
    if (isAtEnd) toEnd();
  }, [isAtEnd, count, growth]);
  useSeen(talk, isAtEnd);
  useEffect(() => {
    if (isAtEnd) setSeenLines(count);
  }, [isAtEnd, count]);
  return { isAtEnd, unseen: Math.max(0, count - seenLines), toEnd };
}

function isAtEndOf(element: HTMLElement | null): boolean {
  return element !== null && element.scrollHeight - element.scrollTop - element.clientHeight < nearPx * 3;
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
