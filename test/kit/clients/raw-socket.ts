/** A WebSocket client on bare TCP, which reads only when it is told to: a slow reader. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Teardown } from '../temporary.ts';

export class RawSocket {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  /** Close code of the server; null when the connection ended without one. */
  readonly ended: Promise<number | null>;
  texts = 0;
  #code: number | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    this.ended = once(socket, 'close').then(() => this.#code);
  }

  /** Shakes hands with a bearer token; reads until `stopReading()`. */
  static async connect(t: Teardown, node: { readonly port: number }, token: string): Promise<RawSocket> {
    const socket = connect(node.port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    const lines = [
      'GET /v1/socket HTTP/1.1',
      `Host: 127.0.0.1:${node.port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: parley.v1',
      `Authorization: Bearer ${token}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    let head: Buffer = Buffer.alloc(0);
    while (!head.includes('\r\n\r\n'))
      head = Buffer.concat([head, (await once(socket, 'data'))[0] as Buffer]);
    if (!head.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(head.toString('latin1'));
    const client = new RawSocket(socket);
    socket.on('data', (bytes: Buffer) => client.#take(bytes));
    client.#take(head.subarray(head.indexOf('\r\n\r\n') + 4));
    return client;
  }

  send(frame: object): void {
    const body = Buffer.from(JSON.stringify(frame));
    const mask = randomBytes(4);
    const head =
      body.length < 126 ? [0x81, 0x80 | body.length] : [0x81, 0xfe, body.length >> 8, body.length & 0xff];
    const masked = body.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    this.#socket.write(Buffer.concat([Buffer.from(head), mask, masked]));
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  /** Counts text frames and notes the close; nothing a server sends is masked. */
  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const [first = 0, short = 0] = this.#received;
      const headBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.#received.length < headBytes) return;
      const length =
        short === 126
          ? this.#received.readUInt16BE(2)
          : short === 127
            ? Number(this.#received.readBigUInt64BE(2))
            : short;
      if (this.#received.length < headBytes + length) return;
      const body = this.#received.subarray(headBytes, headBytes + length);
      this.#received = this.#received.subarray(headBytes + length);
      if ((first & 0x0f) === 1) this.texts += 1;
      if ((first & 0x0f) === 8) this.#code = length >= 2 ? body.readUInt16BE(0) : 1005;
    }
  }
}
