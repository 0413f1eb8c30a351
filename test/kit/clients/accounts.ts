/** People and agents of tests, made over HTTP like anybody's. */
import { randomUUID } from 'node:crypto';
import { call, type HttpAnswer } from './http-client.ts';

export type Account = {
  readonly tenant: string;
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly refreshToken: string;
};

/** An agent or service with its API key. */
export type KeyHolder = { readonly tenant: string; readonly id: string; readonly token: string };

type At = { readonly url: string };

/** A new tenant and its owner. */
export function signUp(node: At, name = 'ann'): Promise<Account> {
  return enter(node, name, {});
}

/** Another person of the owner's tenant. */
export async function signUpInto(
  node: At,
  owner: Account,
  name = 'bob',
  role: 'member' | 'admin' = 'member',
): Promise<Account> {
  const invite = await call(node, 'POST', '/auth/invites', { token: owner.token, body: { role } });
  return enter(node, name, { invite_token: expected(invite, 201).body.invite_token });
}

async function enter(node: At, name: string, fields: object): Promise<Account> {
  const email = `${name}-${randomUUID()}@example.org`;
  const password = `${name} has a long password`;
  const body = { email, password, display_name: name, ...fields };
  const answer = expected(await call(node, 'POST', '/auth/signup', { body }), 201).body;
  return {
    tenant: answer.tenant.id,
    id: answer.user.id,
    email,
    password,
    token: answer.access_token,
    refreshToken: answer.refresh_token,
  };
}

/** An agent of the owner's tenant, with a key to speak with. */
export async function makeAgent(node: At, owner: Account, name = 'robot'): Promise<KeyHolder> {
  const made = await call(node, 'POST', '/auth/agents', { token: owner.token, body: { display_name: name } });
  const id: string = expected(made, 201).body.agent.id;
  const body = { name, principal_id: id, kind: 'agent' };
  const key = await call(node, 'POST', '/auth/api-keys', { token: owner.token, body });
  return { tenant: owner.tenant, id, token: expected(key, 201).body.key };
}

/** A service of the owner's tenant with the scopes of services, or with those given. */
export async function makeService(
  node: At,
  owner: Account,
  fields: { readonly scopes?: readonly string[]; readonly service_id?: string } = {},
): Promise<KeyHolder> {
  const body = { name: 'a service', kind: 'service', ...fields };
  const key = expected(await call(node, 'POST', '/auth/api-keys', { token: owner.token, body }), 201).body;
  return { tenant: owner.tenant, id: key.principal_id, token: key.key };
}

function expected(answer: HttpAnswer, status: number): HttpAnswer {
  if (answer.status === status) return answer;
  throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
}
