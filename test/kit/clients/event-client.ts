/** What the real socket.io-client of every dialect hears. */
import type { Socket } from 'socket.io-client';
import type { Teardown } from '../temporary.ts';

/** An event as a client heard it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into arguments of every shape
export type Heard = { readonly name: string; readonly argument: any };

export interface EventClient {
  readonly socket: Socket;
  /** Everything that it was sent, in order. */
  readonly all: readonly Heard[];
  /** Arguments of the events of one name, in order. */
  heard(name: string): readonly Heard['argument'][];
}

/** Connects a socket that does not by itself, and remembers what it hears; ended with the test. Rejects with the words of a refusal. */
export async function connectListening(t: Teardown, socket: Socket): Promise<EventClient> {
  t.teardown(() => void socket.disconnect());
  const all: Heard[] = [];
  socket.onAny((name: string, argument: unknown) => void all.push({ name, argument }));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
    socket.connect();
  });
  const heard = (name: string) => all.filter((one) => one.name === name).map((one) => one.argument);
  return { socket, all, heard };
}
