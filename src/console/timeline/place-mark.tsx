/** Where a line is in the log: its seq, and its position among all events. */
import type { TimelineLine } from './fold.ts';

export function PlaceMark({
  line: { seq, position },
}: {
  readonly line: Pick<TimelineLine, 'seq' | 'position'>;
}) {
  return (
    <span
      class="place-mark"
      title={seq === null ? `position ${position}` : `seq ${seq}, position ${position}`}
    >
      {seq !== null && <b>{seq}</b>}
      <span>{position}</span>
    </span>
  );
}
