/** Who takes part, how they are, and what can be done about it. */
import { useState } from 'preact/hooks';
import type { Desk } from '../live/desk.ts';
import type { Talk } from '../live/talk.ts';
import { ConfirmButton } from '../shell/confirm-button.tsx';
import { Icon } from '../shell/icon.tsx';
import { AddPeople } from './add-people.tsx';
import { type Participant, ParticipantRow } from './participant-row.tsx';

interface PanelProps {
  readonly desk: Desk;
  readonly talk: Talk;
  readonly onClose: () => void;
}

export function ParticipantsPanel({ desk, talk, onClose }: PanelProps) {
  const [isAdding, setAdding] = useState(false);
  const state = talk.state.value;
  const { isKeeper, isIn } = talk.powers.value;
  const participants = state?.participants ?? [];
  const people = participants.filter(({ kind }) => kind === 'user');
  const agents = participants.filter(({ kind }) => kind !== 'user');
  return (
    <aside class="panel" aria-label="Who takes part">
      <header class="panel-head">
        <h2>Who takes part</h2>
        <button type="button" class="quiet square" aria-label="Close the list" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <Group title="People" of={people} {...{ desk, talk }} />
      <Group title="Agents and services" of={agents} {...{ desk, talk }} />
      <footer class="panel-foot">
        {isKeeper && state?.type === 'group' && (
          <button type="button" onClick={() => setAdding(true)}>
            <Icon name="plus" /> Add
          </button>
        )}
        {isIn && state?.type === 'group' && (
          <ConfirmButton
            label="Leave the conversation"
            question="Really leave?"
            onConfirm={() => talk.steering.remove(talk.self)}
          >
            Leave
          </ConfirmButton>
        )}
      </footer>
      {isAdding && <AddPeople {...{ desk, talk }} onClose={() => setAdding(false)} />}
    </aside>
  );
}

interface GroupProps {
  readonly title: string;
  readonly of: readonly Participant[];
  readonly desk: Desk;
  readonly talk: Talk;
}

function Group({ title, of, desk, talk }: GroupProps) {
  if (of.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul class="participants">
        {of.map((participant) => (
          <ParticipantRow key={participant.id} participant={participant} desk={desk} talk={talk} />
        ))}
      </ul>
    </section>
  );
}
