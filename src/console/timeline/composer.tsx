/** Where one writes. Enter sends, Shift and Enter begin a new line. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Talk } from '../live/talk.ts';
import { Icon } from '../shell/icon.tsx';

export function Composer({ talk }: { readonly talk: Talk }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(talk.written.text);
  const replyingTo = talk.replyingTo.value;
  useEffect(() => {
    if (replyingTo !== null) box.current?.focus();
  }, [replyingTo]);
  if (!talk.powers.value.isIn) {
    return <p class="composer-note">You watch this conversation without taking part in it.</p>;
  }
  const write = (words: string): void => {
    talk.written.text = words;
    setText(words);
  };
  const send = (): void => {
    // As it stands in the box: what was typed last may not be drawn yet.
    const written = box.current?.value ?? '';
    if (box.current === null || written.trim() === '') return;
    talk.post(written);
    box.current.value = '';
    write('');
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
        box.current?.focus();
      }}
    >
      <Typing talk={talk} />
      {replyingTo !== null && <Replying talk={talk} message={replyingTo} />}
      <div class="composer-box">
        <textarea
          id="composer"
          ref={box}
          rows={1}
          dir="auto"
          value={text}
          placeholder="Write a message"
          aria-label="Write a message"
          aria-keyshortcuts="m"
          onInput={(event) => {
            write(event.currentTarget.value);
            if (event.currentTarget.value !== '') talk.typing.typed();
          }}
          onKeyDown={(event) => {
            if (event.isComposing) return;
            if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
              event.preventDefault();
              send();
            } else if (event.key === 'Escape') leave(talk);
            else if (event.key === 'ArrowUp' && event.currentTarget.value === '') editLast(event, talk);
          }}
        />
        <button type="submit" class="primary square" aria-label="Send" disabled={text.trim() === ''}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

/** From a reply to no reply, from writing to the messages. */
function leave(talk: Talk): void {
  if (talk.replyingTo.value !== null) talk.replyingTo.value = null;
  else document.querySelector<HTMLElement>('.timeline')?.focus();
}

/** The arrow in an empty box: one's own newest message, to be changed. */
function editLast(event: KeyboardEvent, talk: Talk): void {
  const own = talk.lines.value.findLast(
    (line) => line.kind === 'message' && line.actor.id === talk.self && !line.isDeleted,
  );
  if (own?.kind !== 'message') return;
  event.preventDefault();
  talk.editing.value = own.id;
}

function Typing({ talk }: { readonly talk: Talk }) {
  const names = talk.typing.who.value.map(talk.nameOf);
  const words =
    names.length > 2
      ? 'Several people are writing'
      : `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} writing`;
  return (
    <p class="typing" aria-live="off">
      {names.length === 0 ? '' : `${words}…`}
    </p>
  );
}

function Replying({ talk, message }: { readonly talk: Talk; readonly message: string }) {
  const line = talk.lines.value.find((one) => one.key === message);
  if (line?.kind !== 'message') return null;
  return (
    <p class="replying">
      <span>
        Reply to <b>{talk.nameOf(line.actor.id)}</b>: {line.content.slice(0, 100)}
      </span>
      <button
        type="button"
        class="quiet square"
        aria-label="No reply"
        onClick={() => {
          talk.replyingTo.value = null;
        }}
      >
        <Icon name="close" />
      </button>
    </p>
  );
}
