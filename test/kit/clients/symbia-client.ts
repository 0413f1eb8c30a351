/** Clients of the Symbia dialect: the real socket.io-client, and requests as its REST clients send them. */
import { io } from 'socket.io-client';
import type { Teardown } from '../temporary.ts';
import { connectListening, type EventClient, type Heard } from './event-client.ts';
import { call, type HttpAnswer } from './http-client.ts';

type At = { readonly url: string };
type Caller = { readonly token: string };

/** Longer than a busy machine stands still. */
const answerMsMax = 25_000;

export interface SymbiaClient extends EventClient {
  /** Emits and resolves to the acknowledgement; rejects after 25 s. */
  ask(name: string, ...argument: readonly unknown[]): Promise<Heard['argument']>;
  /** As a client that says goodbye. */
  leave(): void;
  /** As a client whose network is gone: its transport ends without a word. */
  vanish(): void;
}

/** A connected client; ended with the test. Rejects with the words of a refusal. */
export async function symbiaClient(
  t: Teardown,
  node: At,
  { token }: Caller,
  options: Parameters<typeof io>[1] = {},
): Promise<SymbiaClient> {
  const socket = io(node.url, {
    forceNew: true,
    autoConnect: false,
    reconnection: false,
    auth: { token },
    transports: ['websocket'],
    ...options,
  });
  return {
    ...(await connectListening(t, socket)),
    ask: (name, ...argument) => socket.timeout(answerMsMax).emitWithAck(name, ...argument),
    leave: () => void socket.disconnect(),
    vanish: () => void socket.io.engine.close(),
  };
}

/** A request to `/api/conversations…`; throws for a status that is not `expected`. */
export async function symbia(
  node: At,
  { token }: Caller,
  method: string,
  path: string,
  body?: unknown,
  expected?: number,
): Promise<HttpAnswer['body']> {
  const answer = await call(node, method, `/api/conversations${path}`, {
    token,
    ...(body === undefined ? {} : { body }),
  });
  if (expected === undefined ? answer.status < 300 : answer.status === expected) return answer.body;
  throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}

/** A group of the owner and others. */
export async function group(node: At, owner: Caller, ...others: readonly string[]): Promise<string> {
  const participants = others.map((userId) => ({ userId }));
  const made = await symbia(node, owner, 'POST', '', { type: 'group', name: 'Harbour', participants });
  return made.id as string;
}
