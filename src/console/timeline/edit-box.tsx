/** A message of one's own, being changed where it stands. */
import { useEffect, useRef } from 'preact/hooks';
import type { Talk } from '../live/talk.ts';
import { ProblemLine } from '../shell/problem-line.tsx';
import { useWork } from '../shell/use-work.ts';
import type { MessageLine } from './fold.ts';

export function EditBox({ talk, line }: { readonly talk: Talk; readonly line: MessageLine }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const { isBusy, problem, start } = useWork();
  const { edited } = talk.written;
  /** Its buttons, too. */
  const show = (): void => box.current?.form?.scrollIntoView({ block: 'nearest' });
  useEffect(() => {
    box.current?.focus();
    show();
  }, []);
  const close = (): void => {
    talk.editing.value = null;
    talk.written.edited = null;
    document.getElementById(`message-${line.id}`)?.focus();
  };
  const save = async (): Promise<void> => {
    const content = box.current?.value ?? '';
    if (content.trim() === '') return;
    if (content === line.content) return close();
    if (await start(() => talk.edit(line.id, content))) close();
  };
  return (
    <form
      class="edit-box"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        ref={box}
        aria-label="Edit the message"
        defaultValue={edited?.message === line.id ? edited.text : line.content}
        rows={2}
        dir="auto"
        onInput={(event) => {
          talk.written.edited = { message: line.id, text: event.currentTarget.value };
          show();
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === 'Escape') close();
          else if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            void save();
          }
        }}
      />
      <ProblemLine words={problem} />
      <div class="edit-foot">
        <button type="submit" class="primary" aria-busy={isBusy}>
          Save
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </div>
    </form>
  );
}
