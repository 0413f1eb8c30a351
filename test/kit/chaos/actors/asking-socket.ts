/** A native socket that asks and hears. Unlike NativeClient it keeps nothing, so that a load may last. */
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../clients/native-client.ts';

export type Asking = {
  /** The reply, whatever it says. Rejects when the socket ends before it, or when it takes longer than `withinMs`. */
  ask(op: string, fields?: object, withinMs?: number): Promise<ServerFrame>;
  /** Resolves with the close code when the socket has ended. */
  readonly ended: Promise<number>;
  /** Ms for which the server asked to stay away when it said bye, else 0. */
  readonly retryAfterMs: () => number;
  readonly socket: WebSocket;
  end(): void;
};

/** A stopped server accepts connections and says nothing: then another one is tried. */
const connectMsMax = 5_000;
const answerMsMax = 15_000;

/** Connects with the token; rejects when no hello comes. `onPush` hears everything that is not a reply. */
export async function openAsking(
  url: string,
  token: string,
  onPush: (frame: ServerFrame) => void = () => undefined,
): Promise<Asking> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/socket`, 'parley.v1', {
    headers: { authorization: `Bearer ${token}` },
    handshakeTimeout: connectMsMax,
  });
  const waiting = new Map<string, (frame: ServerFrame | null) => void>();
  const ended = new Promise<number>((resolve) =>
    socket.once('close', (code) => {
      for (const answer of waiting.values()) answer(null);
      resolve(code);
    }),
  );
  socket.on('error', () => undefined); // a close follows
  let retryAfterMs = 0;
  socket.on('message', (bytes) => {
    const frame = JSON.parse(String(bytes)) as ServerFrame;
    retryAfterMs = frame['bye']?.retry_after_ms ?? retryAfterMs;
    const answer = waiting.get(frame['hello'] === undefined ? frame['re'] : 'hello');
    if (answer === undefined) onPush(frame);
    else answer(frame);
  });

  function next(id: string, withinMs: number): Promise<ServerFrame> {
    return new Promise((resolve, reject) => {
      const settle = (frame: ServerFrame | null): void => {
        clearTimeout(timer);
        waiting.delete(id);
        if (frame === null) reject(new Error('the socket ended'));
        else resolve(frame);
      };
      const timer = setTimeout(() => settle(null), withinMs);
      waiting.set(id, settle);
      if (socket.readyState === WebSocket.CLOSED) settle(null);
    });
  }

  try {
    await next('hello', connectMsMax);
  } catch (error) {
    socket.terminate();
    throw error;
  }
  let count = 0;
  return {
    socket,
    ended,
    retryAfterMs: () => retryAfterMs,
    ask(op, fields = {}, withinMs = answerMsMax) {
      count += 1;
      const id = `q${count}`;
      const reply = next(id, withinMs);
      socket.send(JSON.stringify({ ...fields, op, id }), () => undefined);
      return reply;
    },
    end: () => socket.terminate(),
  };
}
