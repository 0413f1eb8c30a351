/** Who plays in the transcripts, made over HTTP like anybody. */
import {
  type Account,
  type KeyHolder,
  makeAgent,
  makeService,
  signUp,
  signUpInto,
} from '../../../kit/clients/accounts.ts';

type Known = Readonly<Record<string, string>>;

/**
 * A new tenant: Ada owns it; Ben, Cleo and a newcomer are people of it, Iris and Juno agents, Hook a service
 * with every scope; a stranger owns another tenant. Answers `ada` (her id), `ada.token`, `ada.tenant`,
 * `ada.email`, `ada.password` and so on.
 */
export async function openCast(node: { readonly url: string }): Promise<Known> {
  const ada = await signUp(node, 'ada');
  return {
    ...known('ada', ada),
    ...known('ben', await signUpInto(node, ada, 'ben')),
    ...known('cleo', await signUpInto(node, ada, 'cleo')),
    ...known('newcomer', await signUpInto(node, ada, 'newcomer')),
    ...known('iris', await makeAgent(node, ada, 'iris')),
    ...known('juno', await makeAgent(node, ada, 'juno')),
    ...known('hook', await makeService(node, ada)),
    ...known('stranger', await signUp(node, 'stranger')),
  };
}

function known(name: string, { id, ...fields }: Account | KeyHolder): Known {
  const entries = Object.entries(fields).map(([key, value]) => [`${name}.${key}`, value]);
  return { [name]: id, ...Object.fromEntries(entries) };
}
