/** What owners and admins hand out: invites for people, keys for agents and services. */
import type { Requests } from '../session/requests.ts';
import { type Agent, AgentsSection } from './agents-section.tsx';
import { InviteSection } from './invite-section.tsx';
import { KeysSection } from './keys-section.tsx';
import { useListed } from './use-listed.ts';

interface AccessViewProps {
  readonly requests: Requests;
  readonly workspace: string;
  readonly isAdministrator: boolean;
}

export function AccessView({ requests, workspace, isAdministrator }: AccessViewProps) {
  return (
    <section class="page narrow" aria-labelledby="access-title">
      <header class="page-head">
        <h1 id="access-title">Access</h1>
        <p class="page-note">Who and what gets into {workspace === '' ? 'this workspace' : workspace}.</p>
      </header>
      {isAdministrator ? (
        <Sections requests={requests} />
      ) : (
        <p class="empty">Only owners and admins of the workspace hand out keys and invites.</p>
      )}
    </section>
  );
}

/** Keys are for agents, and a key may bring its agent along: both see one list of them. */
function Sections({ requests }: { readonly requests: Requests }) {
  const agents = useListed<Agent>(requests, '/auth/agents', 'agents');
  return (
    <>
      <InviteSection requests={requests} />
      <AgentsSection requests={requests} agents={agents} />
      <KeysSection requests={requests} agents={agents} />
    </>
  );
}
