/** One socket of the native protocol (native.md §1), with its replies matched to its requests. */
import { type BenchSocket, openWebSocket, type WebSocketOptions } from './web-socket.ts';

export type WireEvent = {
  readonly conversation: string;
  readonly position: number;
  readonly seq: number | null;
  readonly type: string;
  readonly data: {
    readonly message_id?: string;
    readonly content?: string;
    readonly [field: string]: unknown;
  };
};

export type WireDelta = {
  readonly conversation: string;
  readonly message_id: string;
  readonly from: number;
  readonly index: number;
  readonly text: string;
};

export type Reply = {
  readonly re?: string;
  readonly ok: boolean;
  readonly problem?: { code: string; message: string };
};

export type Pushes = {
  /** Sees every frame first; true: it is dealt with. For receivers that must not parse all they get. */
  readonly onBytes?: (bytes: Buffer) => boolean;
  readonly onEvent?: (event: WireEvent) => void;
  readonly onDelta?: (delta: WireDelta) => void;
};

export type NativeClient = {
  /** Sends a frame and waits for its reply; a problem rejects. */
  request<T>(frame: object): Promise<T>;
  /** Sends a frame that has no reply. */
  send(frame: object): void;
  close(): Promise<void>;
};

type Frame = Partial<Reply> & {
  readonly ev?: WireEvent;
  readonly delta?: WireDelta;
  readonly hello?: object;
  readonly bye?: { code: string };
};
type Waiting = { readonly resolve: (reply: never) => void; readonly reject: (error: Error) => void };

/**
 * Connects with a token or an API key and waits for the server's hello. `onFailure` is told once when the
 * server ends the socket, refuses a frame without id, or `pushes` throw. `openSocket`: another client below it.
 */
export async function openNative(
  url: string,
  token: string,
  pushes: Pushes = {},
  onFailure: (error: Error) => void = () => undefined,
  openSocket: (options: WebSocketOptions) => Promise<BenchSocket> = openWebSocket,
): Promise<NativeClient> {
  const waiting = new Map<string, Waiting>();
  let requests = 0;
  let isClosing = false;
  let failure: Error | undefined;
  let greeted: () => void = () => undefined;
  const hello = new Promise<void>((resolve) => {
    greeted = resolve;
  });

  const fail = (error: Error): void => {
    if (failure === undefined) onFailure(error);
    failure ??= error;
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };
  const takeReply = (frame: Frame): void => {
    const one = waiting.get(frame.re ?? '');
    waiting.delete(frame.re ?? '');
    if (frame.ok === true) one?.resolve(frame as never);
    else {
      const refusal = new Error(`refused: ${frame.problem?.code} ${frame.problem?.message}`);
      if (one === undefined) fail(refusal);
      else one.reject(refusal);
    }
  };
  const take = (frame: Frame): void => {
    if (frame.ev !== undefined) pushes.onEvent?.(frame.ev);
    else if (frame.delta !== undefined) pushes.onDelta?.(frame.delta);
    else if (frame.hello !== undefined) greeted();
    else if (frame.ok !== undefined) takeReply(frame);
    else if (frame.bye !== undefined && !isClosing) fail(new Error(`the server says bye: ${frame.bye.code}`));
  };

  const socket = await openSocket({
    url,
    headers: { Authorization: `Bearer ${token}`, 'Sec-WebSocket-Protocol': 'parley.v1' },
    onText: (bytes) => {
      try {
        if (pushes.onBytes?.(bytes) !== true) take(JSON.parse(bytes.toString('utf8')) as Frame);
      } catch (error) {
        fail(error as Error);
      }
    },
    onClose: (code, reason) => {
      if (!isClosing) fail(new Error(`the socket closed: ${code} ${reason}`));
    },
  });
  await hello;

  return {
    request<T>(frame: object): Promise<T> {
      if (failure !== undefined) return Promise.reject(failure);
      requests += 1;
      const id = `${requests}`;
      return new Promise<T>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ ...frame, id }));
      });
    },
    send(frame) {
      if (failure !== undefined) throw failure;
      socket.send(JSON.stringify(frame));
    },
    close() {
      isClosing = true;
      return socket.close();
    },
  };
}
