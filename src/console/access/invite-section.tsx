/** A link that lets one person in. */
import { useState } from 'preact/hooks';
import { textsOf } from '../session/field.tsx';
import { type Requests, sentenceOf } from '../session/requests.ts';
import { hrefOf } from '../shell/route.ts';
import { wholeTimeOf } from '../shell/words.ts';
import { Secret } from './secret.tsx';

interface Invite {
  readonly invite_token: string;
  readonly expires_at: string;
}

export function InviteSection({ requests }: { readonly requests: Requests }) {
  const [invite, setInvite] = useState<Invite | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const make = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { role } = textsOf(event.currentTarget as HTMLFormElement);
    try {
      setInvite(await requests.send<Invite>('POST', '/auth/invites', { role }));
      setProblem(null);
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  return (
    <section class="part" aria-labelledby="invites-title">
      <h2 id="invites-title">Invite a person</h2>
      <form class="line-form" onSubmit={make}>
        <label>
          <span class="unseen">Role</span>
          <select name="role">
            <option value="member">as a member</option>
            <option value="admin">as an admin</option>
          </select>
        </label>
        <button type="submit">Make a link</button>
      </form>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {invite !== null && (
        <Secret
          label="For one person"
          text={linkOf(invite)}
          note={`Works once, until ${wholeTimeOf(invite.expires_at)}. It is not shown again.`}
        />
      )}
    </section>
  );
}

function linkOf({ invite_token: invite }: Invite): string {
  return new URL(`/console${hrefOf({ at: 'join', invite })}`, location.origin).href;
}
