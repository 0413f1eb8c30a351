/**
 * A WebSocket client that costs as little as a client can, so that a bench measures the server: one read
 * buffer for all sockets, frames handed on as bytes, no object a frame. Receiving 200,000 frames of 500
 * bytes takes it a fraction of what `ws` needs (micro/client-cost.ts measures both), and on two cores
 * what the client takes is missing in the server. It speaks just what these benches need: unfragmented
 * text frames, ping, close.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export type WebSocketOptions = {
  /** `ws://host:port/path`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where it comes from: an address has 28,000 ports. */
  readonly localAddress?: string | undefined;
  /** A text frame's bytes, valid only during the call. */
  readonly onText: (bytes: Buffer) => void;
  /** Code 1006 when the connection ended without a close frame. */
  readonly onClose?: (code: number, reason: string) => void;
};

export type BenchSocket = {
  send(text: string): void;
  /** Closes with 1000 and resolves when the connection is gone. */
  close(): Promise<void>;
  readonly isOpen: boolean;
};

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;
const handshakeMs = 30_000;
const normalClosure = Buffer.from([0x03, 0xe8]);

/** libuv reads into it and we parse it in the same turn, so all sockets can share it. */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

/** Connects and upgrades; rejects with the status line of a refused upgrade. */
export function openWebSocket(options: WebSocketOptions): Promise<BenchSocket> {
  const { hostname, port, pathname, search } = new URL(options.url);
  return new Promise((resolve, reject) => {
    const frames = new FrameReader();
    let isUpgraded = false;
    let closed: { code: number; reason: string } = { code: 1006, reason: '' };
    let head = '';

    const answer = (opcode: number, payload: Buffer): void => {
      if (opcode === opcodes.text) options.onText(payload);
      else if (opcode === opcodes.ping) tcp.write(encode(opcodes.pong, payload));
      else if (opcode === opcodes.close) {
        if (payload.length >= 2)
          closed = { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
        tcp.end(encode(opcodes.close, payload.subarray(0, 2)));
      }
    };
    const upgrade = (bytes: Buffer): void => {
      head += bytes.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      if (!head.startsWith('HTTP/1.1 101')) {
        reject(new Error(`upgrade refused: ${head.slice(0, head.indexOf('\r\n'))}`));
        tcp.destroy();
        return;
      }
      isUpgraded = true;
      clearTimeout(timer);
      resolve(handle(tcp));
      frames.read(Buffer.from(head.slice(end + 4), 'latin1'), answer);
    };

    const tcp = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          const bytes = readBuffer.subarray(0, length);
          if (isUpgraded) frames.read(bytes, answer);
          else upgrade(bytes);
          return true;
        },
      },
    });
    const timer = setTimeout(() => tcp.destroy(new Error('no answer to the upgrade')), handshakeMs);
    tcp.once('connect', () =>
      tcp.write(upgradeRequest(hostname, port, `${pathname}${search}`, options.headers)),
    );
    tcp.once('error', reject);
    tcp.once('close', () => {
      clearTimeout(timer);
      reject(new Error('closed before the upgrade'));
      if (isUpgraded) options.onClose?.(closed.code, closed.reason);
    });
  });
}

function upgradeRequest(
  hostname: string,
  port: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function handle(tcp: Socket): BenchSocket {
  return {
    send: (text) => void tcp.write(encodeText(text)),
    get isOpen() {
      return !tcp.destroyed && tcp.writable;
    },
    close() {
      if (tcp.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        const force = setTimeout(() => tcp.destroy(), 2_000);
        tcp.once('close', () => {
          clearTimeout(force);
          resolve();
        });
        tcp.end(encode(opcodes.close, normalClosure));
      });
    },
  };
}

/** Cuts a byte stream into frames. Keeps the beginning of an incomplete one, copied. */
class FrameReader {
  #rest: Buffer | undefined;

  read(chunk: Buffer, take: (opcode: number, payload: Buffer) => void): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1]! & 0x7f;
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length - at < header) break;
      const length =
        short < 126
          ? short
          : short === 126
            ? bytes.readUInt16BE(at + 2)
            : Number(bytes.readBigUInt64BE(at + 2));
      const start = at + header;
      if (bytes.length - start < length) break;
      if ((bytes[at]! & 0x80) === 0) throw new Error('a fragmented frame: not expected of this server');
      at = start + length;
      take(bytes[start - header]! & 0x0f, bytes.subarray(start, at));
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
  }
}

/** The mask key is zero: the server must unmask all the same, and masking here costs nothing. */
function encodeText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 6 : length < 65_536 ? 8 : 14;
  const frame = Buffer.allocUnsafe(header + length);
  writeHeader(frame, opcodes.text, length, header);
  frame.write(text, header, length, 'utf8');
  return frame;
}

function encode(opcode: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(6 + payload.length);
  writeHeader(frame, opcode, payload.length, 6);
  payload.copy(frame, 6);
  return frame;
}

function writeHeader(frame: Buffer, opcode: number, length: number, header: number): void {
  frame[0] = 0x80 | opcode;
  if (header === 6) frame[1] = 0x80 | length;
  else if (header === 8) {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 0x80 | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.fill(0, header - 4, header);
}
