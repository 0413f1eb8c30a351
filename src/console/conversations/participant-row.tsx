/** One who takes part: how they are, and what can be done about it. */
import type { ConversationState } from '../../client/index.ts';
import type { Desk } from '../live/desk.ts';
import type { Talk } from '../live/talk.ts';
import { ConfirmButton } from '../shell/confirm-button.tsx';
import { Icon } from '../shell/icon.tsx';
import { Face } from './face.tsx';

export type Participant = ConversationState['participants'][number];

interface RowProps {
  readonly participant: Participant;
  readonly desk: Desk;
  readonly talk: Talk;
}

export function ParticipantRow({ participant: { id, kind, role }, desk, talk }: RowProps) {
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
        <ConfirmButton label={`Remove ${name}`} question="Really?" onConfirm={() => talk.steering.remove(id)}>
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
          onClick={() => (floor === null ? talk.steering.route(id) : talk.steering.handOff(id))}
        >
          {floor === null ? 'Give floor' : 'Hand over'}
        </button>
      )}
      {mayRoute && floor === id && (
        <button
          type="button"
          class="quiet small"
          title="Every agent may speak again"
          onClick={() => talk.steering.route(null)}
        >
          Open floor
        </button>
      )}
      {mayInterrupt && (
        <button
          type="button"
          class="quiet small"
          title="Stops what this agent is saying"
          onClick={() => talk.steering.preempt(id)}
        >
          Interrupt
        </button>
      )}
    </span>
  );
}
