import type { Namespace, ServerOptions } from 'socket.io';

type Adapter = Namespace['adapter'];

/**
 * Where socket.io keeps rooms: we have none, because our hub delivers. Its own adapter subscribes each socket to
 * two topics of uWebSockets.js, and its prototype is rewritten by each server that is attached to an app; this one
 * inherits nothing of it.
 */
class QuietAdapter implements Pick<Adapter, 'init' | 'close' | 'addAll' | 'del' | 'delAll' | 'socketRooms'> {
  readonly nsp: Namespace;
  constructor(nsp: Namespace) {
    this.nsp = nsp;
  }
  init(): void {}
  close(): void {}
  addAll(): void {}
  del(): void {}
  delAll(): void {}
  socketRooms(): undefined {
    return undefined;
  }
}

/** For the option `adapter`. */
export const quietAdapter = QuietAdapter as unknown as ServerOptions['adapter'];
