/** Clients of the ElizaOS dialect: the real socket.io-client. */
import { io, type Socket } from 'socket.io-client';
import type { Teardown } from '../temporary.ts';
import type { Heard } from './symbia-client.ts';

export interface ElizaClient {
  readonly socket: Socket;
  /** Everything that it was sent, in order. */
  readonly all: readonly Heard[];
  /** Arguments of the events of one name, in order. */
  heard(name: string): readonly Heard['argument'][];
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
  t.teardown(() => void socket.disconnect());
  const all: Heard[] = [];
  socket.onAny((name: string, argument: unknown) => void all.push({ name, argument }));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
    socket.connect();
  });
  return {
    socket,
    all,
    heard: (name) => all.filter((one) => one.name === name).map((one) => one.argument),
    emit: (name, argument) => void socket.emit(name, argument),
  };
}
