/** Takes more people and agents into a conversation. */
import { useState } from 'preact/hooks';
import type { Desk } from '../live/desk.ts';
import type { Talk } from '../live/talk.ts';
import { Dialog } from '../shell/dialog.tsx';
import { DialogFoot } from '../shell/dialog-foot.tsx';
import { PeoplePicker } from './people-picker.tsx';

interface AddPeopleProps {
  readonly desk: Desk;
  readonly talk: Talk;
  readonly onClose: () => void;
}

export function AddPeople({ desk, talk, onClose }: AddPeopleProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const known = new Set(talk.state.value?.participants.map(({ id }) => id));
  const add = (): void => {
    for (const id of chosen) {
      const isAgent = desk.directory.people.value.get(id)?.isAgent === true;
      talk.steering.add(id, isAgent ? 'agent' : 'user');
    }
    onClose();
  };
  return (
    <Dialog title="Add to the conversation" onClose={onClose}>
      <div class="stack">
        <PeoplePicker directory={desk.directory} without={known} chosen={chosen} onChange={setChosen} />
        <DialogFoot act="Add" isDisabled={chosen.size === 0} onCancel={onClose} onAct={add} />
      </div>
    </Dialog>
  );
}
