/** Who plays in the transcripts, made over HTTP like anybody. */
import {
  type Account,
  type KeyHolder,
  makeAgent,
  makeService,
  signUp,
  signUpInto,
} from '../../../kit/clients/accounts.ts';
import { call } from '../../../kit/clients/http-client.ts';

/** Of the node that they play on. */
export const castEnvironment = {
  PARLEY_ADMIN_EMAIL: 'root@example.org',
  PARLEY_ADMIN_PASSWORD: 'root has a long password',
} as const;

type Known = Readonly<Record<string, string>>;

/**
 * A new tenant: Ada owns it; Ben, Cleo and a newcomer are people of it, Iris and Juno agents, Hook a service
 * with every scope; a stranger owns another tenant; Root is the super admin. Answers `ada` (her id), `ada.token`, `ada.tenant`,
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
    ...known('root', await signInRoot(node)),
  };
}

async function signInRoot(node: { readonly url: string }): Promise<KeyHolder> {
  const { PARLEY_ADMIN_EMAIL: email, PARLEY_ADMIN_PASSWORD: password } = castEnvironment;
  const { body } = await call(node, 'POST', '/api/auth/login', { body: { email, password } });
  return { id: body.user.id, tenant: body.user.orgId, token: body.token };
}

function known(name: string, { id, ...fields }: Account | KeyHolder): Known {
  const entries = Object.entries(fields).map(([key, value]) => [`${name}.${key}`, value]);
  return { [name]: id, ...Object.fromEntries(entries) };
}
