/** A WebSocket client on bare TCP, which reads only when it is told to: a slow reader. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Teardown } from '../temporary.ts';

export class RawSocket {
  readonly #socket: Socket;
  /** What came and is not read yet, and how much of it there must be before it is worth a look. */
  #pieces: Buffer[] = [];
  #waitingBytes = 0;
  #neededBytes = 2;
  /** Close code of the server; null when the connection ended without one. */
  readonly ended: Promise<number | null>;
  texts = 0;
  /** Hears the body of each text frame. */
  onText: (body: Buffer) => void = () => undefined;
  #code: number | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    // once() would reject for a reset, which is how a connection with unread bytes may end.
    this.ended = new Promise((resolve) => socket.once('close', () => resolve(this.#code)));
  }

  /** Shakes hands with a bearer token; reads until `stopReading()`. */
  static connect(t: Teardown, node: { readonly port: number }, token: string): Promise<RawSocket> {
    const headers = { 'Sec-WebSocket-Protocol': 'parley.v1', Authorization: `Bearer ${token}` };
    return RawSocket.open(t, node, '/v1/socket', headers);
  }

  /** The same at any path. */
  static async open(
    t: Teardown,
    node: { readonly port: number },
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RawSocket> {
    const socket = connect(node.port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${node.port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Version: 13',
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
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
    this.sendText(JSON.stringify(frame));
  }

  sendText(text: string): void {
    const body = Buffer.from(text);
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

  /** Takes no more than this of what came; call it after stopReading(). */
  readSome(bytes: number): void {
    this.#socket.read(bytes);
  }

  /** Counts text frames and notes the close; nothing a server sends is masked. */
  #take(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#waitingBytes += bytes.length;
    // A large frame comes in many pieces: joining them with each one would take longer than all the rest.
    if (this.#waitingBytes < this.#neededBytes) return;
    let rest: Buffer = Buffer.concat(this.#pieces);
    for (;;) {
      const size = frameBytes(rest);
      if (size === null || rest.length < size.headBytes + size.bodyBytes) {
        this.#neededBytes = size === null ? rest.length + 1 : size.headBytes + size.bodyBytes;
        break;
      }
      const body = rest.subarray(size.headBytes, size.headBytes + size.bodyBytes);
      const opcode = (rest[0] ?? 0) & 0x0f;
      rest = rest.subarray(size.headBytes + size.bodyBytes);
      if (opcode === 1) {
        this.texts += 1;
        this.onText(body);
      }
      if (opcode === 8) this.#code = body.length >= 2 ? body.readUInt16BE(0) : 1005;
    }
    this.#pieces = [rest];
    this.#waitingBytes = rest.length;
  }
}

/** How long the frame at the beginning is; null: not enough of it is there to tell. */
function frameBytes(bytes: Buffer): { readonly headBytes: number; readonly bodyBytes: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes[1] ?? 0;
  const headBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < headBytes) return null;
  if (short === 126) return { headBytes, bodyBytes: bytes.readUInt16BE(2) };
  return { headBytes, bodyBytes: short === 127 ? Number(bytes.readBigUInt64BE(2)) : short };
}
