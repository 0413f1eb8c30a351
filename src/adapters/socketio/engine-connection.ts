/** What we use of an Engine.IO connection: more than its declarations show, as socket.io itself does. */
import type { EngineRequest, EngineSocket } from '../../contract/sockets/event-door.ts';

export interface EngineTransport {
  readonly name: string;
  /** Of a poll: somebody waits for an answer now. */
  readonly writable: boolean;
  /** Of a WebSocket, once it is open. */
  readonly socket?: EngineSocket;
  /** Of polling: how long an orderly end waits for the next poll. */
  closeTimeout?: number;
  on(event: 'dropped', listener: () => void): void;
  /** Those that tell of the headers of answers. */
  removeAllListeners(event: 'headers'): void;
}

export interface EngineConnection {
  readonly id: string;
  readonly readyState: 'opening' | 'open' | 'closing' | 'closed';
  readonly transport: EngineTransport;
  /** The request that it began with; kept for as long as it lives. */
  request: EngineRequest | object;
  /** A message: `data` is without the `4` before it. */
  write(data: string, options: { readonly compress: false }): void;
  flush(): void;
  /** `discard`: without waiting for what is buffered. */
  close(discard?: boolean): void;
  on(event: 'upgrade' | 'flush', listener: () => void): void;
  once(event: 'close', listener: () => void): void;
  removeAllListeners(event: 'flush'): void;
}
