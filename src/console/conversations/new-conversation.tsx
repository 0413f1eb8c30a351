/** A new conversation: a name, and who is in it. */
import { useState } from 'preact/hooks';
import type { Desk } from '../live/desk.ts';
import { textsOf } from '../session/field.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { DialogFoot } from '../shell/dialog-foot.tsx';
import { ProblemLine } from '../shell/problem-line.tsx';
import { goTo } from '../shell/route.ts';
import { useWork } from '../shell/use-work.ts';
import { PeoplePicker } from './people-picker.tsx';

interface NewConversationProps {
  readonly desk: Desk;
  readonly onClose: () => void;
}

export function NewConversation({ desk, onClose }: NewConversationProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { isBusy, problem, start } = useWork();
  const create = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { name = '' } = textsOf(event.currentTarget as HTMLFormElement);
    await start(async () => {
      const id = await desk.create(name, [...chosen]);
      onClose();
      goTo({ at: 'conversation', id, seq: null });
    });
  };
  const isPair = chosen.size === 1;
  return (
    <Dialog title="New conversation" onClose={onClose}>
      <form class="stack" onSubmit={create}>
        <div class="field">
          <label for="new-name">Name</label>
          <input
            id="new-name"
            name="name"
            maxLength={120}
            autocomplete="off"
            placeholder={isPair ? 'Empty: just between you two' : 'What it is about'}
          />
        </div>
        <PeoplePicker
          directory={desk.directory}
          without={new Set([desk.account.id])}
          chosen={chosen}
          onChange={setChosen}
        />
        <ProblemLine words={problem} />
        <DialogFoot act="Begin" isBusy={isBusy} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
