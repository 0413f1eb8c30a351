/**
 * A Socket.IO client that costs as little as openWebSocket(), for a bench that measures the server: the same for
 * every server. Speaks just what these benches need: the WebSocket transport, the namespace /, text packets.
 */
import { type BenchSocket, openWebSocket } from './web-socket.ts';

export type EventClient = {
  /** Emits with an acknowledgement and waits for it; `{success: false}` rejects. */
  request<T extends object>(event: string, argument: unknown): Promise<T>;
  close(): Promise<void>;
};

/** Sees the bytes of every event, valid only during the call: `["message:new",{…}]`. */
export type OnEventBytes = (bytes: Buffer) => void;

type Waiting = { readonly resolve: (answer: never) => void; readonly reject: (error: Error) => void };

/** Packets of Engine.IO (first character) and, in its messages, of Socket.IO (second one). */
const [ping, message] = ['2', '4'];
const [connected, event, ack] = ['0', '2', '3'];

/** Connects, shows `auth`, and waits until it is accepted. `onFailure` is told when the server ends the socket. */
export async function openEventClient(
  url: string,
  auth: object,
  onEvent: OnEventBytes,
  onFailure: (error: Error) => void,
): Promise<EventClient> {
  const waiting = new Map<number, Waiting>();
  let requests = 0;
  let isClosing = false;
  let accept: () => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  const accepted = new Promise<void>((resolve, reject) => {
    accept = resolve;
    refuse = reject;
  });
  const fail = (error: Error): void => {
    refuse(error);
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
    if (!isClosing) onFailure(error);
  };
  const takeAck = (text: string): void => {
    const at = text.indexOf('[');
    const id = Number(text.slice(2, at));
    const [answer] = JSON.parse(text.slice(at)) as [{ success?: boolean }];
    const one = waiting.get(id);
    waiting.delete(id);
    if (answer.success === true) one?.resolve(answer as never);
    else one?.reject(new Error(`refused: ${JSON.stringify(answer)}`));
  };
  const take = (bytes: Buffer): void => {
    const [engine, packet] = [String.fromCharCode(bytes[0] ?? 0), String.fromCharCode(bytes[1] ?? 0)];
    if (engine === ping) socket.send('3');
    if (engine !== message) return;
    if (packet === event) onEvent(bytes.subarray(2));
    else if (packet === ack) takeAck(bytes.toString('utf8'));
    else if (packet === connected) accept();
    else fail(new Error(`the server says ${bytes.toString('utf8', 0, 200)}`));
  };
  const socket: BenchSocket = await openWebSocket({
    url: `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`,
    onText: (bytes) => {
      try {
        take(bytes);
      } catch (error) {
        fail(error as Error);
      }
    },
    onClose: (code, reason) => fail(new Error(`the socket closed: ${code} ${reason}`)),
  });
  socket.send(`40${JSON.stringify(auth)}`);
  await accepted;
  return {
    request<T extends object>(name: string, argument: unknown): Promise<T> {
      requests += 1;
      const id = requests;
      return new Promise<T>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        socket.send(`42${id}${JSON.stringify([name, argument])}`);
      });
    },
    close() {
      isClosing = true;
      return socket.close();
    },
  };
}
