/** A part of the page: its title, a list with its states, and what adds to it. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { ProblemLine } from '../shell/problem-line.tsx';
import { type Listed, shownMax } from './use-listed.ts';

interface PartProps<T> {
  readonly title: string;
  /** What it is for, in a sentence. */
  readonly note: string;
  readonly of: Listed<T>;
  /** Said when there are none. */
  readonly empty: string;
  readonly row: (one: T) => ComponentChildren;
  readonly children: ComponentChildren;
}

export function ListPart<T extends { readonly id: string }>(props: PartProps<T>) {
  const { title, note, of: listed, empty, row, children } = props;
  const { rows, hasMore, problem, reload } = listed;
  return (
    <Part title={title} note={note} problem={rows === null ? null : problem}>
      {rows === null && problem === null && <p class="empty">Loading…</p>}
      {rows === null && problem !== null && (
        <div class="not-read">
          <ProblemLine words={problem} />
          <button type="button" onClick={() => void reload()}>
            Try again
          </button>
        </div>
      )}
      {rows?.length === 0 && <p class="empty">{empty}</p>}
      {rows !== null && rows.length > 0 && (
        <ul class="rows">
          {rows.map((one) => (
            <li key={one.id}>{row(one)}</li>
          ))}
        </ul>
      )}
      {hasMore && <p class="hint">The oldest {shownMax} are shown.</p>}
      {children}
    </Part>
  );
}

interface FrameProps {
  readonly title: string;
  readonly note: string;
  readonly problem: string | null;
  readonly children: ComponentChildren;
}

export function Part({ title, note, problem, children }: FrameProps) {
  const id = useId();
  return (
    <section class="part" aria-labelledby={id}>
      <div>
        <h2 id={id}>{title}</h2>
        <p class="hint">{note}</p>
      </div>
      {children}
      <ProblemLine words={problem} />
    </section>
  );
}
