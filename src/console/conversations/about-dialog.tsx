/** What a conversation is called and known by, and its end. */
import type { Desk } from '../live/desk.ts';
import type { Talk } from '../live/talk.ts';
import { Field, textsOf } from '../session/field.tsx';
import { ConfirmButton } from '../shell/confirm-button.tsx';
import { CopiedText } from '../shell/copied-text.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { DialogFoot } from '../shell/dialog-foot.tsx';
import { tell } from '../shell/notice.tsx';
import { ProblemLine } from '../shell/problem-line.tsx';
import { goTo } from '../shell/route.ts';
import { useWork } from '../shell/use-work.ts';

interface AboutDialogProps {
  readonly desk: Desk;
  readonly talk: Talk;
  readonly onClose: () => void;
}

export function AboutDialog({ desk, talk, onClose }: AboutDialogProps) {
  const { isKeeper, mayDelete } = talk.powers.value;
  return (
    <Dialog title="About this conversation" onClose={onClose}>
      <div class="stack">
        {isKeeper && talk.state.value?.type === 'group' && <NameForm {...{ desk, talk, onClose }} />}
        <div class="field">
          <span class="field-label">Id, for programs</span>
          <CopiedText text={talk.id} />
        </div>
        {mayDelete && <Deletion {...{ desk, talk, onClose }} />}
      </div>
    </Dialog>
  );
}

function NameForm({ desk, talk, onClose }: AboutDialogProps) {
  const { isBusy, problem, start } = useWork();
  const rename = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { name = '' } = textsOf(event.currentTarget as HTMLFormElement);
    if (await start(() => desk.rename(talk.id, name))) onClose();
  };
  return (
    <form class="stack" onSubmit={rename}>
      <Field label="Name" name="name" text={talk.state.value?.name ?? ''} maxLength={120} isRequired />
      <ProblemLine words={problem} />
      <DialogFoot act="Save the name" isBusy={isBusy} onCancel={onClose} />
    </form>
  );
}

function Deletion({ desk, talk, onClose }: AboutDialogProps) {
  const { isBusy, problem, start } = useWork();
  const end = async (): Promise<void> => {
    const isDone = await start(() => desk.delete(talk.id));
    if (!isDone) return;
    onClose();
    goTo({ at: 'conversations' });
    tell('The conversation was deleted.');
  };
  return (
    <section class="last-thing" aria-busy={isBusy}>
      <p class="hint">Deleting it ends it for everybody who takes part. It cannot be undone.</p>
      <ConfirmButton
        label="Delete the conversation"
        question="Really delete it, for everybody?"
        onConfirm={() => void end()}
      >
        Delete the conversation
      </ConfirmButton>
      <ProblemLine words={problem} />
    </section>
  );
}
