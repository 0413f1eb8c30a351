/** A link that lets one person in. */
import { useState } from 'preact/hooks';
import { textsOf } from '../session/field.tsx';
import type { Requests } from '../session/requests.ts';
import { hrefOf } from '../shell/route.ts';
import { useWork } from '../shell/use-work.ts';
import { wholeTimeOf } from '../shell/words.ts';
import { Part } from './part.tsx';
import { Secret } from './secret.tsx';

interface Invite {
  readonly invite_token: string;
  readonly expires_at: string;
}

export function InviteSection({ requests }: { readonly requests: Requests }) {
  const [invite, setInvite] = useState<Invite | null>(null);
  const { isBusy, problem, start } = useWork();
  const make = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { role } = textsOf(event.currentTarget as HTMLFormElement);
    await start(async () => setInvite(await requests.send<Invite>('POST', '/auth/invites', { role })));
  };
  return (
    <Part title="People" note="A link lets one person make an account here." problem={problem}>
      <form class="line-form" onSubmit={make}>
        <select name="role" aria-label="Role">
          <option value="member">as a member</option>
          <option value="admin">as an admin</option>
        </select>
        <button type="submit" aria-busy={isBusy}>
          Make a link
        </button>
      </form>
      {invite !== null && (
        <Secret
          label="For one person"
          text={linkOf(invite)}
          note={`Works once, until ${wholeTimeOf(invite.expires_at)}. It is not shown again.`}
        />
      )}
    </Part>
  );
}

function linkOf({ invite_token: invite }: Invite): string {
  return new URL(`/console${hrefOf({ at: 'join', invite })}`, location.origin).href;
}
