import { WebSocket } from 'ws';

/** The status that a handshake of the native socket is answered with: 101 when it opens and says hello. */
export function handshakeStatus(
  node: { readonly url: string },
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const url = `${node.url.replace(/^http/, 'ws')}/v1/socket`;
  const socket = new WebSocket(url, 'parley.v1', { headers });
  return new Promise((resolve) => {
    socket.on('message', (bytes) => {
      resolve(JSON.parse(String(bytes)).hello === undefined ? 0 : 101);
      socket.terminate();
    });
    socket.on('close', (code) => resolve(code));
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => {
      resolve(statusCode);
      socket.terminate();
    });
    socket.on('error', () => undefined);
  });
}
