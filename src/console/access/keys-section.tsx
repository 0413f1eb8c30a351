/** API keys: those that work now, and a new one, which is shown once. */
import { useState } from 'preact/hooks';
import { textsOf } from '../session/field.tsx';
import type { Requests } from '../session/requests.ts';
import { ConfirmButton } from '../shell/confirm-button.tsx';
import { shortTimeOf } from '../shell/words.ts';
import type { Agent } from './agents-section.tsx';
import { ListPart } from './part.tsx';
import { Secret } from './secret.tsx';
import { type Listed, useListed } from './use-listed.ts';

interface Key {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly kind: 'agent' | 'service';
  readonly principal_id: string;
  readonly created_at: string;
  readonly expires_at: string | null;
}

type MadeKey = Key & { readonly key: string };

interface KeysProps {
  readonly requests: Requests;
  readonly agents: Listed<Agent>;
}

export function KeysSection({ requests, agents }: KeysProps) {
  const keys = useListed<Key>(requests, '/auth/api-keys', 'api_keys');
  const [made, setMade] = useState<MadeKey | null>(null);
  const create = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const { key: name = '', owner = '' } = textsOf(form);
    const isDone = await keys.change(async () => {
      setMade(await requests.send<MadeKey>('POST', '/auth/api-keys', { name, ...ownerOf(owner) }));
      form.reset();
    });
    // A key for a new agent made that agent, too.
    if (isDone) await agents.reload();
  };
  const revoke = ({ id }: Key): Promise<boolean> =>
    keys.change(async () => {
      await requests.send('DELETE', `/auth/api-keys/${encodeURIComponent(id)}`);
      setMade((shown) => (shown?.id === id ? null : shown));
    });
  return (
    <ListPart
      title="API keys"
      note="For programs: what they connect and post with."
      of={keys}
      empty="No keys yet."
      row={(key) => <KeyRow of={key} agents={agents.rows ?? []} onRevoke={() => void revoke(key)} />}
    >
      {made !== null && (
        <Secret
          label={`Key “${made.name}”`}
          text={made.key}
          note="It is shown once. Send it as X-API-Key, or as a bearer."
        />
      )}
      <KeyForm agents={agents.rows ?? []} isBusy={keys.isBusy} onSubmit={(event) => void create(event)} />
    </ListPart>
  );
}

/** As the form names it: a kind of which one is made, or an agent that there is. */
function ownerOf(owner: string): object {
  return owner === 'service' || owner === 'agent' ? { kind: owner } : { principal_id: owner };
}

interface KeyRowProps {
  readonly of: Key;
  readonly agents: readonly Agent[];
  readonly onRevoke: () => void;
}

function KeyRow({ of: key, agents, onRevoke }: KeyRowProps) {
  const agent = agents.find(({ id }) => id === key.principal_id)?.display_name;
  return (
    <>
      <span class="row-main">
        {key.name}
        <small class="tag">{agent === undefined || agent === key.name ? key.kind : `of ${agent}`}</small>
      </span>
      <span class="row-side">
        <code>{key.prefix}…</code> {shortTimeOf(key.created_at)}
        {key.expires_at !== null && `, until ${shortTimeOf(key.expires_at)}`}
      </span>
      <ConfirmButton label={`Revoke ${key.name}`} question="Really?" onConfirm={onRevoke}>
        Revoke
      </ConfirmButton>
    </>
  );
}

interface KeyFormProps {
  readonly agents: readonly Agent[];
  readonly isBusy: boolean;
  readonly onSubmit: (event: SubmitEvent) => void;
}

function KeyForm({ agents, isBusy, onSubmit }: KeyFormProps) {
  return (
    <form class="line-form" onSubmit={onSubmit}>
      <input
        name="key"
        aria-label="Name of a new key"
        placeholder="Name of a new key"
        autocomplete="off"
        required
        maxLength={80}
      />
      <select name="owner" aria-label="Whose key it is">
        <option value="service">for a new service</option>
        <option value="agent">for a new agent</option>
        {agents.map(({ id, display_name }) => (
          <option key={id} value={id}>
            for {display_name}
          </option>
        ))}
      </select>
      <button type="submit" aria-busy={isBusy}>
        Make a key
      </button>
    </form>
  );
}
