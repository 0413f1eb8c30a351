/** A pause with its reason, which everybody who takes part reads. */
import type { Talk } from '../live/talk.ts';
import { Field, textsOf } from '../session/field.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { DialogFoot } from '../shell/dialog-foot.tsx';
import { ProblemLine } from '../shell/problem-line.tsx';
import { useWork } from '../shell/use-work.ts';

interface PauseDialogProps {
  readonly talk: Talk;
  readonly onClose: () => void;
}

/** As many as the server takes. */
const reasonCharsMax = 1_000;

export function PauseDialog({ talk, onClose }: PauseDialogProps) {
  const { isBusy, problem, start } = useWork();
  const pause = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { reason = '' } = textsOf(event.currentTarget as HTMLFormElement);
    if (await start(() => talk.steering.pause(reason))) onClose();
  };
  return (
    <Dialog title="Pause the agents" onClose={onClose}>
      <form class="stack" onSubmit={pause}>
        <Field
          label="Reason"
          name="reason"
          maxLength={reasonCharsMax}
          hint="Shown to everybody here, the agents among them. May be left empty."
        />
        <ProblemLine words={problem} />
        <DialogFoot act="Pause" isBusy={isBusy} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
