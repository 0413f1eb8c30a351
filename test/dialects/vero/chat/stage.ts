/** A whole node with two people, an agent, and somebody of another tenant. */
import type { Test } from 'tap';
import {
  type Account,
  type KeyHolder,
  makeAgent,
  signUp,
  signUpInto,
} from '../../../kit/clients/accounts.ts';
import { call, type HttpAnswer, type HttpCall } from '../../../kit/clients/http-client.ts';
import { startNats } from '../../../kit/servers/nats.ts';
import { startNode } from '../../../kit/servers/node.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';

export type Speaker = Account | KeyHolder;

export async function startChat(t: Test, env: Readonly<Record<string, string>> = {}) {
  const [nats, database] = await Promise.all([startNats(t), startPostgres(t)]);
  const node = await startNode({ nats, database, env }, t);
  const ann = await signUp(node, 'ann');
  const bob = await signUpInto(node, ann, 'bob');
  const robot = await makeAgent(node, ann);
  const stranger = await signUp(node, 'eve');
  /** `POST /v1/chat/messages/send` as one of them. */
  const ask = (
    who: Speaker,
    line: string,
    body?: unknown,
    headers?: HttpCall['headers'],
  ): Promise<HttpAnswer> => {
    const [method = 'GET', path = '/'] = line.split(' ');
    const given = { ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) };
    return call(node, method, path, { token: who.token, ...given });
  };
  /** A group that ann owns, made over the API of Symbia. */
  const group = async (...others: readonly Speaker[]): Promise<string> => {
    const participants = others.map(({ id }) => ({
      userId: id,
      userType: id === robot.id ? 'agent' : 'user',
    }));
    const made = await ask(ann, 'POST /api/conversations', { type: 'group', name: 'Harbour', participants });
    if (made.status !== 201) throw new Error(`no conversation: ${JSON.stringify(made.body)}`);
    return made.body.id;
  };
  return { nats, database, node, ann, bob, robot, stranger, ask, group };
}

export type Stage = Awaited<ReturnType<typeof startChat>>;

/** What was refused, as one text: `404 not_found`. */
export const refusal = ({ status, body }: HttpAnswer): string => `${status} ${body?.error?.code}`;
