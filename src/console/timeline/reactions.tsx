/** Reactions to a message, and a short list to choose from. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Talk } from '../live/talk.ts';
import type { MessageLine } from './fold.ts';

const offered = ['👍', '🎉', '❤️', '😄', '🤔', '👀', '✅', '👎'];

interface ReactionsProps {
  readonly talk: Talk;
  readonly line: MessageLine;
  readonly isChoosing: boolean;
  readonly onChosen: () => void;
}

export function Reactions({ talk, line, isChoosing, onChosen }: ReactionsProps) {
  if (line.reactions.length === 0 && !isChoosing) return null;
  return (
    <div class="reactions">
      {line.reactions.map(({ emoji, by }) => (
        <button
          key={emoji}
          type="button"
          class="reaction"
          aria-pressed={by.includes(talk.self)}
          aria-label={`${emoji}, ${by.map(talk.nameOf).join(', ')}`}
          title={by.map(talk.nameOf).join(', ')}
          onClick={() => talk.react(line.id, emoji)}
        >
          {emoji} <span>{by.length}</span>
        </button>
      ))}
      {isChoosing && <Choice talk={talk} line={line} onChosen={onChosen} />}
    </div>
  );
}

function Choice({ talk, line, onChosen }: Pick<ReactionsProps, 'talk' | 'line' | 'onChosen'>) {
  const first = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  const done = (): void => {
    onChosen();
    document.getElementById(`message-${line.id}`)?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape on any of its buttons closes it
    <div
      class="reaction-choice"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        done();
      }}
    >
      {offered.map((emoji, index) => (
        <button
          key={emoji}
          ref={index === 0 ? first : null}
          type="button"
          class="quiet square"
          aria-label={`React with ${emoji}`}
          onClick={() => {
            talk.react(line.id, emoji);
            done();
          }}
        >
          {emoji}
        </button>
      ))}
    </div>
  );
}
