/** Who takes part, how they are, and what can be done about it. */
import { useState } from 'preact/hooks';
import type { ConversationState } from '../../client/index.ts';
import type { Desk } from '../live/desk.ts';
import type { Talk } from '../live/talk.ts';
import { ConfirmButton } from '../shell/confirm-button.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { Icon } from '../shell/icon.tsx';
import { Face } from './face.tsx';
import { PeoplePicker } from './people-picker.tsx';

type Participant = ConversationState['participants'][number];

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
            onConfirm={() => talk.removeParticipant(talk.self)}
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
          <Row key={participant.id} participant={participant} desk={desk} talk={talk} />
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly participant: Participant;
  readonly desk: Desk;
  readonly talk: Talk;
}

function Row({ participant: { id, kind, role }, desk, talk }: RowProps) {
  const isAgent = kind !== 'user';
  const name = talk.nameOf(id);
  const status = id === talk.self ? 'online' : (desk.directory.people.value.get(id)?.status ?? 'offline');
  const notes = [
    id === talk.self ? 'you' : '',
    role === 'member' ? '' : role,
    kind === 'service' ? 'service' : '',
  ];
  const { isKeeper } = talk.powers.value;
  const isGroup = talk.state.value?.type === 'group';
  return (
    <li>
      <Face name={name} isAgent={isAgent} />
      <span class="participant-main">
        <span class="name">{name}</span>
        <small>
          {!isAgent && (
            <>
              <i class={`dot ${status}`} /> {status}
            </>
          )}
          {notes.filter(Boolean).map((note) => (
            <span key={note} class="note">
              {note}
            </span>
          ))}
          {talk.state.value?.floor === id && <span class="tag strong">has the floor</span>}
        </small>
      </span>
      {isKeeper && isGroup && id !== talk.self && role !== 'owner' && (
        <ConfirmButton
          label={`Remove ${name}`}
          question="Really?"
          onConfirm={() => talk.removeParticipant(id)}
        >
          <Icon name="close" />
        </ConfirmButton>
      )}
      {isAgent && <AgentSteering id={id} name={name} talk={talk} />}
    </li>
  );
}

function AgentSteering({
  id,
  name,
  talk,
}: {
  readonly id: string;
  readonly name: string;
  readonly talk: Talk;
}) {
  const { mayInterrupt, mayRoute } = talk.powers.value;
  const floor = talk.state.value?.floor ?? null;
  if (!mayInterrupt && !mayRoute) return null;
  return (
    <span class="agent-steering" role="toolbar" aria-label={`Steer ${name}`}>
      {mayRoute && floor !== id && (
        <button
          type="button"
          class="quiet small"
          title={floor === null ? 'Only this agent may speak' : 'The floor goes from one agent to the other'}
          onClick={() => (floor === null ? talk.route(id) : talk.handOff(id))}
        >
          {floor === null ? 'Give floor' : 'Hand over'}
        </button>
      )}
      {mayRoute && floor === id && (
        <button
          type="button"
          class="quiet small"
          title="Every agent may speak again"
          onClick={() => talk.route(null)}
        >
          Open floor
        </button>
      )}
      {mayInterrupt && (
        <button
          type="button"
          class="quiet small"
          title="Stops what this agent is saying"
          onClick={() => talk.preempt(id)}
        >
          Interrupt
        </button>
      )}
    </span>
  );
}

function AddPeople({ desk, talk, onClose }: PanelProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const known = new Set(talk.state.value?.participants.map(({ id }) => id));
  const people = [...desk.directory.people.value.values()].filter(({ id }) => !known.has(id));
  const add = (): void => {
    for (const { id, isAgent } of people.filter((one) => chosen.has(one.id)))
      talk.add(id, isAgent ? 'agent' : 'user');
    onClose();
  };
  return (
    <Dialog title="Add to the conversation" onClose={onClose}>
      <div class="stack">
        <PeoplePicker people={people} chosen={chosen} onChange={setChosen} />
        <div class="dialog-foot">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" class="primary" disabled={chosen.size === 0} onClick={add}>
            Add
          </button>
        </div>
      </div>
    </Dialog>
  );
}
