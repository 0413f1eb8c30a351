/** What owners and admins hand out: invites for people, keys for agents and services. */
import type { Requests } from '../session/requests.ts';
import { AgentsSection } from './agents-section.tsx';
import { InviteSection } from './invite-section.tsx';
import { KeysSection } from './keys-section.tsx';

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
        <>
          <InviteSection requests={requests} />
          <AgentsSection requests={requests} />
          <KeysSection requests={requests} />
        </>
      ) : (
        <p class="empty">Only owners and admins of the workspace hand out keys and invites.</p>
      )}
    </section>
  );
}
