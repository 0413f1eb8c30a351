/** API keys: those that work now, and a new one, which is shown once. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { textsOf } from '../session/field.tsx';
import { type Requests, sentenceOf } from '../session/requests.ts';
import { ConfirmButton } from '../shell/confirm-button.tsx';
import { shortTimeOf } from '../shell/words.ts';
import { Secret } from './secret.tsx';

interface Key {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly kind: 'agent' | 'service';
  readonly principal_id: string;
  readonly created_at: string;
  readonly expires_at: string | null;
}

interface KeyPage {
  readonly api_keys: readonly Key[];
  readonly next_cursor: string | null;
}

export function KeysSection({ requests }: { readonly requests: Requests }) {
  const [page, setPage] = useState<KeyPage | null>(null);
  const [made, setMade] = useState<(Key & { readonly key: string }) | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const load = useCallback(async (): Promise<void> => {
    setPage(await requests.send<KeyPage>('GET', '/auth/api-keys?limit=200'));
  }, [requests]);
  const doing = async (work: () => Promise<void>): Promise<void> => {
    try {
      setProblem(null);
      await work();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  useEffect(() => void doing(load), [load]);
  const create = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const { key: name, kind } = textsOf(form);
    await doing(async () => {
      setMade(await requests.send<Key & { key: string }>('POST', '/auth/api-keys', { name, kind }));
      form.reset();
      await load();
    });
  };
  const revoke = (key: Key): Promise<void> =>
    doing(async () => {
      await requests.send('DELETE', `/auth/api-keys/${encodeURIComponent(key.id)}`);
      setMade((shown) => (shown?.id === key.id ? null : shown));
      await load();
    });
  return (
    <section class="part" aria-labelledby="keys-title">
      <h2 id="keys-title">API keys</h2>
      {page === null && problem === null && <p class="empty">Loading…</p>}
      {page !== null && page.api_keys.length === 0 && <p class="empty">No keys yet.</p>}
      {page !== null && <KeyRows keys={page.api_keys} onRevoke={(key) => void revoke(key)} />}
      {page !== null && page.next_cursor !== null && <p class="hint">The oldest 200 are shown.</p>}
      {made !== null && (
        <Secret
          label={`Key “${made.name}”`}
          text={made.key}
          note="It is shown once. Send it as X-API-Key, or as a bearer."
        />
      )}
      <form class="line-form" onSubmit={create}>
        <input
          name="key"
          aria-label="Name of a new key"
          placeholder="Name of a new key"
          required
          maxLength={80}
        />
        <label>
          <span class="unseen">For</span>
          <select name="kind">
            <option value="service">for a service</option>
            <option value="agent">for an agent</option>
          </select>
        </label>
        <button type="submit">Make a key</button>
      </form>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function KeyRows({
  keys,
  onRevoke,
}: {
  readonly keys: readonly Key[];
  readonly onRevoke: (key: Key) => void;
}) {
  return (
    <ul class="rows">
      {keys.map((key) => (
        <li key={key.id}>
          <span class="row-main">
            {key.name} <small class="tag">{key.kind}</small>
          </span>
          <span class="row-side">
            <code>{key.prefix}…</code> {shortTimeOf(key.created_at)}
            {key.expires_at !== null && `, until ${shortTimeOf(key.expires_at)}`}
          </span>
          <ConfirmButton label={`Revoke ${key.name}`} question="Really?" onConfirm={() => onRevoke(key)}>
            Revoke
          </ConfirmButton>
        </li>
      ))}
    </ul>
  );
}
