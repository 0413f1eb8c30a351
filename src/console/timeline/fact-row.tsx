/** What happened between messages, as one quiet line. */
import type { Talk } from '../live/talk.ts';
import { clockOf, wholeTimeOf } from '../shell/words.ts';
import { factWords } from './fact-words.ts';
import type { FactLine } from './fold.ts';
import { PlaceMark } from './place-mark.tsx';

export function FactRow({ talk, line }: { readonly talk: Talk; readonly line: FactLine }) {
  const { event, at } = line;
  const reason = event.type === 'control' ? event.data.reason : null;
  return (
    <div
      class={event.type === 'control' ? 'fact control' : 'fact'}
      data-position={line.position}
      tabIndex={-1}
    >
      <p>
        <span>{factWords(line, talk.nameOf)}</span>
        {reason !== null && reason !== '' && <q>{reason}</q>}
        <time dateTime={at} title={wholeTimeOf(at)}>
          {clockOf(at)}
        </time>
      </p>
      <PlaceMark line={line} />
    </div>
  );
}
