/** `parley/client` in Node: the same, with a WebSocket where the platform has none (Node 20). */
import { connect as connectWith, type ParleyClient } from './client.ts';
import type { ConnectOptions } from './options.ts';
import type { WebSocketConstructor } from './socket/web-socket.ts';

export * from './index.ts';

/** As in browsers; in Node 20 with the WebSocket of the package `ws`. */
export async function connect(options: ConnectOptions = {}): Promise<ParleyClient> {
  if (options.WebSocket !== undefined || 'WebSocket' in globalThis) return await connectWith(options);
  const { WebSocket } = await import('./node-web-socket.ts');
  return await connectWith({ ...options, WebSocket: WebSocket as unknown as WebSocketConstructor });
}
