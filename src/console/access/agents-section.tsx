/** Agents of the workspace: who they are, and new ones. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { textsOf } from '../session/field.tsx';
import { type Requests, sentenceOf } from '../session/requests.ts';
import { ConfirmButton } from '../shell/confirm-button.tsx';

interface Agent {
  readonly id: string;
  readonly display_name: string;
  readonly job_title?: string | null;
  readonly is_default_agent?: boolean;
}

export function AgentsSection({ requests }: { readonly requests: Requests }) {
  const [agents, setAgents] = useState<readonly Agent[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const load = useCallback(async (): Promise<void> => {
    const found = await requests.send<{ agents: readonly Agent[] }>('GET', '/auth/agents?limit=200');
    setAgents(found.agents);
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
    const { agent = '' } = textsOf(form);
    await doing(async () => {
      await requests.send('POST', '/auth/agents', { display_name: agent });
      form.reset();
      await load();
    });
  };
  const end = (agent: Agent): Promise<void> =>
    doing(async () => {
      await requests.send('DELETE', `/auth/agents/${encodeURIComponent(agent.id)}`);
      await load();
    });
  return (
    <section class="part" aria-labelledby="agents-title">
      <h2 id="agents-title">Agents</h2>
      {agents === null && problem === null && <p class="empty">Loading…</p>}
      {agents !== null && (
        <ul class="rows">
          {agents.map((agent) => (
            <li key={agent.id}>
              <span class="row-main">
                {agent.display_name}
                {agent.is_default_agent === true && <small class="tag">default</small>}
              </span>
              <code class="row-side">{agent.id}</code>
              <ConfirmButton
                label={`Remove ${agent.display_name}`}
                question="Really?"
                onConfirm={() => void end(agent)}
              >
                Remove
              </ConfirmButton>
            </li>
          ))}
        </ul>
      )}
      <form class="line-form" onSubmit={create}>
        <input
          name="agent"
          aria-label="Name of a new agent"
          placeholder="Name of a new agent"
          required
          maxLength={80}
        />
        <button type="submit">Add agent</button>
      </form>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
