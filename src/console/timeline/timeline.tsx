/** The timeline: everything that happened, oldest first, and what is being written now. */
import { useMemo, useRef } from 'preact/hooks';
import type { Talk } from '../live/talk.ts';
import { counted, dayOf, isSameDay } from '../shell/words.ts';
import { DraftRow } from './draft-row.tsx';
import { FactRow } from './fact-row.tsx';
import type { TimelineLine } from './fold.ts';
import { MessageRow } from './message-row.tsx';
import { PendingRow } from './pending-row.tsx';
import { onTimelineKey } from './timeline-keys.ts';
import { useEnd } from './use-end.ts';
import { useSought } from './use-sought.ts';

/** Messages of one person this soon after each other stand together. */
const togetherMs = 5 * 60_000;

export function Timeline({ talk }: { readonly talk: Talk }) {
  const box = useRef<HTMLDivElement>(null);
  const lines = talk.lines.value;
  // Each delta draws the timeline again: lines that did not change are not looked at.
  const shown = useMemo(() => <Lines talk={talk} lines={lines} />, [talk, lines]);
  const { isAtEnd, unseen, toEnd, hold } = useEnd(box, talk);
  useSought(box, talk);
  return (
    <div class="timeline-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and arrow keys move between the messages in it */}
      <div ref={box} class="timeline" role="log" aria-label="Messages" tabIndex={0} onKeyDown={onTimelineKey}>
        {talk.window.hasEarlier.value && <Earlier talk={talk} hold={hold} />}
        {shown}
        {isSilent(talk) && <p class="empty">Nothing has been said yet.</p>}
        {talk.window.isAtHead.value ? <Newest talk={talk} /> : <Later talk={talk} />}
      </div>
      {!isAtEnd && (
        <button type="button" class="to-end" onClick={toEnd}>
          {unseen > 0 ? `${counted(unseen, 'new event')} ↓` : 'To the end ↓'}
        </button>
      )}
    </div>
  );
}

/** A conversation in which nobody has said a word, nor is about to. */
function isSilent({ lines, window, drafts, outbox }: Talk): boolean {
  if (window.hasEarlier.value || drafts.shown.value.length > 0 || outbox.pending.value.length > 0)
    return false;
  return window.isAtHead.value && !lines.value.some(({ kind }) => kind === 'message');
}

/** What stands behind the newest event: what is being written, and what is on its way. */
function Newest({ talk }: { readonly talk: Talk }) {
  return (
    <>
      {talk.drafts.shown.value.map((draft) => (
        <DraftRow key={draft.message} talk={talk} draft={draft} />
      ))}
      {talk.outbox.pending.value.map((pending) => (
        <PendingRow key={pending.clientId} talk={talk} pending={pending} />
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

/** What was before; where one is looking stays where it is when it has come. */
function Earlier({ talk, hold }: { readonly talk: Talk; readonly hold: () => void }) {
  const load = (): void => {
    hold();
    void talk.reader.earlier();
  };
  return <PageButton talk={talk} which="earlier" words="Show what was before" onLoad={load} />;
}

function Later({ talk }: { readonly talk: Talk }) {
  const load = (): void => void talk.reader.later();
  return <PageButton talk={talk} which="later" words="Show what came after" onLoad={load} />;
}

interface PageButtonProps {
  readonly talk: Talk;
  readonly which: 'earlier' | 'later';
  readonly words: string;
  readonly onLoad: () => void;
}

function PageButton({ talk, which, words, onLoad }: PageButtonProps) {
  const isLoading = talk.reader.reading.value === which;
  return (
    <button type="button" class="quiet more" aria-busy={isLoading} onClick={onLoad}>
      {isLoading ? 'Loading…' : words}
    </button>
  );
}
