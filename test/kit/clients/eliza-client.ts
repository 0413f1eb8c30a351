/** Clients of the ElizaOS dialect: the real socket.io-client. */
import { io } from 'socket.io-client';
import type { Teardown } from '../temporary.ts';
import { connectListening, type EventClient } from './event-client.ts';

export interface ElizaClient extends EventClient {
  emit(name: string, argument?: unknown): void;
}

type Options = Exclude<Parameters<typeof io>[1], string | undefined>;

/** Connects; rejects with the words of a refusal. Ended with the test. */
export async function elizaClient(
  t: Teardown,
  node: { readonly url: string },
  auth: Readonly<Record<string, unknown>>,
  options: Options = {},
): Promise<ElizaClient> {
  const socket = io(node.url, {
    ...{ forceNew: true, autoConnect: false, reconnection: false, transports: ['websocket'] },
    ...{ auth, ...options },
  });
  return {
    ...(await connectListening(t, socket)),
    emit: (name, argument) => void socket.emit(name, argument),
  };
}
