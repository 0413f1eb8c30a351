/** People and agents to choose from. */
import { useEffect, useState } from 'preact/hooks';
import type { Directory } from '../live/directory.ts';
import { tellProblem } from '../shell/notice.tsx';
import { Face } from './face.tsx';

interface PeoplePickerProps {
  readonly directory: Directory;
  /** Ids that are not offered. */
  readonly without: ReadonlySet<string>;
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (chosen: ReadonlySet<string>) => void;
}

/** So many are shown; the rest is found by name. */
const shownMax = 100;

export function PeoplePicker({ directory, without, chosen, onChange }: PeoplePickerProps) {
  const [sought, setSought] = useState('');
  // Whoever came since is offered, too.
  useEffect(() => void directory.load().catch(tellProblem), [directory]);
  const people = [...directory.people.value.values()].filter(({ id }) => !without.has(id));
  const words = sought.trim().toLowerCase();
  const found = people.filter(({ id, name }) => chosen.has(id) || name.toLowerCase().includes(words));
  const toggle = (id: string): void => {
    const now = new Set(chosen);
    if (!now.delete(id)) now.add(id);
    onChange(now);
  };
  if (people.length === 0) {
    return <p class="hint">You are alone in this workspace: invite somebody, or add an agent (Access).</p>;
  }
  return (
    <fieldset class="picker">
      <legend>With</legend>
      {people.length > 8 && (
        <input
          type="search"
          placeholder="Find by name"
          aria-label="Find people by name"
          value={sought}
          onInput={(event) => setSought(event.currentTarget.value)}
        />
      )}
      <div class="picker-list">
        {found.slice(0, shownMax).map((person) => (
          <label key={person.id} class="picker-row">
            <input type="checkbox" checked={chosen.has(person.id)} onChange={() => toggle(person.id)} />
            <Face name={person.name} isAgent={person.isAgent} />
            <span class="name">{person.name}</span>
            <small>{person.isAgent ? 'agent' : (person.title ?? '')}</small>
          </label>
        ))}
        {found.length === 0 && <p class="hint">Nobody of that name.</p>}
      </div>
    </fieldset>
  );
}
