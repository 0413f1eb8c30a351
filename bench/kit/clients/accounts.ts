/** A tenant with its owner and a fleet of agents, made through the doors that everyone uses. */
import type { ParleyProcess } from '../parley-process.ts';

export type Agent = { readonly id: string; readonly key: string };

export type Accounts = {
  /** An access token of the owner; good for 15 minutes, which is longer than a scenario. */
  readonly ownerToken: string;
  readonly ownerId: string;
  readonly agents: readonly Agent[];
  /** The owner's, as POST /auth/login takes it. */
  readonly login: { readonly email: string; readonly password: string };
};

export const agentCount = 100;

export async function makeAccounts(parley: ParleyProcess): Promise<Accounts> {
  const login = {
    email: `bench-${process.pid}-${Date.now()}@bench.example`,
    password: 'a password for a bench',
  };
  const signup = await post<{ access_token: string; user: { id: string } }>(
    parley,
    '/auth/signup',
    undefined,
    login,
  );
  const agents: Agent[] = [];
  for (let made = 0; made < agentCount; made += 1) {
    const name = `bench-agent-${made}`;
    const { agent } = await post<{ agent: { id: string } }>(parley, '/auth/agents', signup.access_token, {
      display_name: name,
    });
    const { key } = await post<{ key: string }>(parley, '/auth/api-keys', signup.access_token, {
      name,
      kind: 'agent',
      principal_id: agent.id,
    });
    agents.push({ id: agent.id, key });
  }
  return { ownerToken: signup.access_token, ownerId: signup.user.id, agents, login };
}

async function post<T>(
  parley: ParleyProcess,
  path: string,
  token: string | undefined,
  body: object,
): Promise<T> {
  const response = await fetch(`${parley.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 201 && response.status !== 200)
    throw new Error(`POST ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}
