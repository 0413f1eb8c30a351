/**
 * A WebSocket of the package `ws`, to be used in the place of openWebSocket() where the other side of a comparison is
 * driven by a client library: then ours must not have the advantage of a client that is made for benches.
 */
import { WebSocket } from 'ws';
import type { BenchSocket, WebSocketOptions } from './web-socket.ts';

/** As openWebSocket(). */
export async function openPackageSocket(options: WebSocketOptions): Promise<BenchSocket> {
  const { 'Sec-WebSocket-Protocol': protocol, ...headers } = options.headers ?? {};
  const socket = new WebSocket(options.url, protocol === undefined ? [] : [protocol], { headers });
  socket.on('message', (bytes: Buffer) => options.onText(bytes));
  const closed = new Promise<void>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve();
      options.onClose?.(code, reason.toString('utf8'));
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    send: (text) => socket.send(text),
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    async close() {
      socket.close(1000);
      await closed;
    },
  };
}
