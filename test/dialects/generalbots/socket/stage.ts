/** A node, and who plays on it: Ada and her agents, a stranger. Everything ends with the test file. */
import { randomUUID } from 'node:crypto';
import { guestTenant } from '../../../../src/domain/limiting/guest-limits.ts';
import { makeAgent, signUp, signUpInto } from '../../../kit/clients/accounts.ts';
import { BotClient } from '../../../kit/clients/bot-client.ts';
import { call, type HttpAnswer } from '../../../kit/clients/http-client.ts';
import { NativeClient } from '../../../kit/clients/native-client.ts';
import { startNats } from '../../../kit/servers/nats.ts';
import { startNode } from '../../../kit/servers/node.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';
import type { Teardown } from '../../../kit/temporary.ts';
import { castEnvironment } from '../../symbia/transcripts/cast.ts';

export async function openStage(t: Teardown, env: Readonly<Record<string, string>> = {}) {
  const database = await startPostgres(t);
  const servers = { nats: await startNats(t), database, env: { ...castEnvironment, ...env } };
  const node = await startNode(servers, t);
  const ada = await signUp(node, 'ada');
  const clients = new Set<BotClient>();
  t.teardown(async () => {
    for (const client of clients) client.socket.terminate();
  });
  const connect = async (path = '/ws', token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const client = await BotClient.connect(node, path, headers);
    clients.add(client);
    return client;
  };
  const ask = (
    method: string,
    path: string,
    token: string | undefined,
    body?: unknown,
  ): Promise<HttpAnswer> =>
    call(node, method, path, {
      ...(token === undefined ? {} : { token }),
      ...(body === undefined ? {} : { body }),
    });
  return {
    ...{ node, database, ada, servers, connect, ask },
    ben: await signUpInto(node, ada, 'ben'),
    iris: await makeAgent(node, ada, 'iris'),
    stranger: await signUp(node, 'stranger'),
    /** The status and body that a handshake is refused with, or 101. */
    async refused(path: string, headers: Readonly<Record<string, string>> = {}) {
      const client = new BotClient(node, path, headers);
      clients.add(client);
      const opened = client.find(({ type }) => type === 'connected').then(() => ({ code: 101, body: null }));
      return await Promise.race([client.ended, opened.catch(() => client.ended)]);
    },
    /** An agent of the guests that speaks with its key over the native socket. */
    async guestBot(name: string) {
      const { PARLEY_ADMIN_EMAIL: email, PARLEY_ADMIN_PASSWORD: password } = castEnvironment;
      const login = await call(node, 'POST', '/auth/login', { body: { email, password } });
      const asRoot = { token: login.body.access_token, headers: { 'x-org-id': guestTenant } };
      const id = `${name}-${randomUUID()}`;
      await call(node, 'POST', '/auth/agents', { ...asRoot, body: { display_name: name, id } });
      const key = await call(node, 'POST', '/auth/api-keys', {
        ...asRoot,
        body: { name, principal_id: id, kind: 'agent' },
      });
      return { id, token: key.body.key as string };
    },
    native: (token: string) => NativeClient.connect(node, token),
  };
}
