/** Agents of the workspace: who they are, and new ones. */
import { textsOf } from '../session/field.tsx';
import type { Requests } from '../session/requests.ts';
import { ConfirmButton } from '../shell/confirm-button.tsx';
import { ListPart } from './part.tsx';
import type { Listed } from './use-listed.ts';

export interface Agent {
  readonly id: string;
  readonly display_name: string;
  readonly is_default_agent?: boolean;
}

interface AgentsProps {
  readonly requests: Requests;
  readonly agents: Listed<Agent>;
}

export function AgentsSection({ requests, agents }: AgentsProps) {
  const create = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const { agent = '' } = textsOf(form);
    await agents.change(async () => {
      await requests.send('POST', '/auth/agents', { display_name: agent });
      form.reset();
    });
  };
  const end = ({ id }: Agent): Promise<boolean> =>
    agents.change(() => requests.send('DELETE', `/auth/agents/${encodeURIComponent(id)}`));
  return (
    <ListPart
      title="Agents"
      note="They take part in conversations. One that runs elsewhere needs a key, below."
      of={agents}
      empty="No agents yet."
      row={(agent) => (
        <>
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
        </>
      )}
    >
      <form class="line-form" onSubmit={create}>
        <input
          name="agent"
          aria-label="Name of a new agent"
          placeholder="Name of a new agent"
          autocomplete="off"
          required
          maxLength={80}
        />
        <button type="submit" aria-busy={agents.isBusy}>
          Add agent
        </button>
      </form>
    </ListPart>
  );
}
