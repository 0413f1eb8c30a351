/** What can be done to a message: shown on hover and focus, and always where there is no hover. */
import type { Talk } from '../live/talk.ts';
import { ConfirmButton } from '../shell/confirm-button.tsx';
import { Icon } from '../shell/icon.tsx';
import type { MessageLine } from './fold.ts';

interface MessageActionsProps {
  readonly talk: Talk;
  readonly line: MessageLine;
  readonly onReact: () => void;
}

export function MessageActions({ talk, line, onReact }: MessageActionsProps) {
  const isOwn = line.actor.id === talk.self;
  const remove = (): void => {
    talk.remove(line.id);
    // This button goes with the message's actions: the arrows go on from where it was.
    document.getElementById(`message-${line.id}`)?.focus();
  };
  return (
    <div class="actions" role="toolbar" aria-label="Message">
      <button
        type="button"
        class="quiet square"
        data-action="react"
        aria-label="React"
        title="React (+)"
        onClick={onReact}
      >
        <Icon name="smile" />
      </button>
      <button
        type="button"
        class="quiet square"
        data-action="reply"
        aria-label="Reply"
        title="Reply (r)"
        onClick={() => {
          talk.replyingTo.value = line.id;
        }}
      >
        <Icon name="reply" />
      </button>
      {isOwn && (
        <button
          type="button"
          class="quiet square"
          data-action="edit"
          aria-label="Edit"
          title="Edit (e)"
          onClick={() => {
            talk.editing.value = line.id;
          }}
        >
          <Icon name="pencil" />
        </button>
      )}
      {(isOwn || talk.powers.value.isKeeper) && (
        <ConfirmButton label="Delete" question="Really?" onConfirm={remove}>
          <Icon name="trash" />
        </ConfirmButton>
      )}
    </div>
  );
}
