import type { Socket } from 'node:net';

/** What one hears the other is told, and the end of one is the end of the other. Both are in `open` until then. */
export function joinSockets(open: Set<Socket>, first: Socket, second: Socket): void {
  for (const [socket, other] of [
    [first, second],
    [second, first],
  ] as const) {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      open.delete(socket);
      other.destroy();
    });
    socket.pipe(other);
  }
}
