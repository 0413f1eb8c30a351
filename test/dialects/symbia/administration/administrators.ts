/** A node with two tenants and a super admin, and the requests of its people. */
import type { Test } from 'tap';
import { type Account, signUp, signUpInto } from '../../../kit/clients/accounts.ts';
import { call, type HttpAnswer } from '../../../kit/clients/http-client.ts';
import { startNats } from '../../../kit/servers/nats.ts';
import { startNode } from '../../../kit/servers/node.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';

export type Headers = Readonly<Record<string, string>>;
type Who = { readonly token: string };

const env = {
  PARLEY_MASTER_KEY: 'ab'.repeat(32),
  PARLEY_ADMIN_EMAIL: 'root@example.org',
  PARLEY_ADMIN_PASSWORD: 'a long enough password',
};

export async function startAdministrators(t: Test) {
  const [nats, database] = [await startNats(t), await startPostgres(t)];
  const node = await startNode({ nats, database, env }, t);
  /** Owner, admin and member of one tenant; owner of another one. */
  const ada = await signUp(node, 'ada');
  const alf = await signUpInto(node, ada, 'alf', 'admin');
  const ben = await signUpInto(node, ada, 'ben');
  const zoe = await signUp(node, 'zoe');
  const login = { email: env.PARLEY_ADMIN_EMAIL, password: env.PARLEY_ADMIN_PASSWORD };
  const { body } = await call(node, 'POST', '/auth/login', { body: login });
  const root = { id: body.user.id as string, token: body.access_token as string };

  const ask = (who: Who, method: string, path: string, sent?: unknown, headers: Headers = {}) =>
    call(node, method, path, { token: who.token, headers, ...(sent === undefined ? {} : { body: sent }) });
  const get = (who: Who, path: string, headers: Headers = {}): Promise<HttpAnswer> =>
    ask(who, 'GET', path, undefined, headers);

  /** A conversation of `owner` with these members; answers its id. */
  async function create(
    owner: Account,
    members: readonly { readonly id: string }[] = [],
    fields: object = {},
    headers: Headers = {},
  ): Promise<string> {
    const participants = members.map(({ id }) => ({ userId: id }));
    const made = { type: 'group', name: 'Harbour', participants, ...fields };
    const answer = await ask(owner, 'POST', '/api/conversations', made, headers);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body.id;
  }

  async function post(who: Who, id: string, content: string, headers: Headers = {}): Promise<string> {
    const answer = await ask(who, 'POST', `/api/conversations/${id}/messages`, { content }, headers);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body.id;
  }

  return { node, nats, database, ada, alf, ben, zoe, root, ask, get, create, post };
}

export type Administrators = Awaited<ReturnType<typeof startAdministrators>>;

/** A refusal in this API's shape. */
export const refused = (status: number, error: string): object => ({
  status,
  body: { error, message: error },
});
export const onlyAdmins = refused(403, 'Admin access required');
export const otherOrg = refused(403, 'Not authorized for this organization');
export const noConversation = refused(404, 'Conversation not found');
export const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);
