/**
 * The packets of Socket.IO protocol 5, read with the rules of all JSON from strangers. A packet that breaks the
 * protocol throws, and socket.io ends the connection; an event that only says what we refuse is passed on as that.
 */
import { type Json, parseJson } from '../../contract/checking/json-text.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';

/** An event as a client sent it. socket.io is given it as the only argument. */
export interface SentEvent {
  readonly name: string;
  /** Its first argument; undefined when there is none. */
  readonly argument: Json | undefined;
  /** Set when nothing of it may be used. */
  readonly problem: Problem | null;
  /** The client waits for this acknowledgement. */
  readonly ackId: string | null;
}

const types = { connect: 0, disconnect: 1, event: 2, ack: 3, connectError: 4, binaryEvent: 5, binaryAck: 6 };

interface Packet {
  readonly type: number;
  readonly nsp: string;
  readonly data?: unknown;
}

type Take = (packet: Packet) => void;

/** type, attachments of a binary one, namespace, id of an acknowledgement, JSON */
const shape = /^([0-6])(?:(?<=[56])(\d{1,3})-)?(?:(\/[^,]{0,255})(?:,|$))?(\d{0,15})/;

export class PacketDecoder {
  #take: Take | null = null;
  /** Bounded by helloFramesMax: a refused one is answered. */
  #connects = 0;
  /** A binary event whose pieces are still to come. */
  #held: Packet | null = null;
  #missing = 0;
  /** Packets of this turn of the loop. */
  #taken = 0;

  on(_event: 'decoded', take: Take): void {
    this.#take = take;
  }

  removeListener(): void {
    this.#take = null;
  }

  destroy(): void {
    this.#held = null;
  }

  add(packet: unknown): void {
    this.#count();
    if (typeof packet !== 'string') return this.#passOver();
    if (this.#missing > 0) throw new Error('a piece of a binary packet is missing');
    const found = shape.exec(packet);
    if (found === null) throw new Error('not a packet');
    const [head, digit, attachments, nsp = '/', ackId = ''] = found;
    const type = Number(digit);
    const json = packet.slice(head.length);
    const isBinary = type === types.binaryEvent || type === types.binaryAck;
    const read = this.#read(type, nsp, ackId, json, packet.length);
    if (!isBinary) return this.#take?.(read);
    this.#missing = Number(attachments);
    if (!(this.#missing >= 1 && this.#missing <= limits.eventAttachmentsMax)) throw new Error('attachments');
    this.#held = read;
  }

  /** A body of 1 MB may hold 166,000 packets: they would keep everybody else waiting for a second or two. */
  #count(): void {
    if (this.#taken === 0) {
      setImmediate(() => {
        this.#taken = 0;
      });
    }
    this.#taken += 1;
    if (this.#taken > limits.eventPacketsPerTurnMax) throw new Error('too many packets at once');
  }

  #read(type: number, nsp: string, ackId: string, json: string, chars: number): Packet {
    switch (type) {
      case types.connect:
        this.#connects += 1;
        if (this.#connects > limits.helloFramesMax) throw new Error('too many connects');
        return json === '' ? { type, nsp } : { type, nsp, data: readAuth(json) };
      case types.event:
      case types.binaryEvent:
        return { type: types.event, nsp, data: [readEvent(type, ackId, json, chars)] };
      case types.ack:
      case types.binaryAck:
        // We never ask for one: socket.io passes over those that it does not know.
        return { type: types.ack, nsp, data: [] };
      default:
        return { type, nsp };
    }
  }

  #passOver(): void {
    if (this.#missing === 0) throw new Error('binary data that no packet announced');
    this.#missing -= 1;
    const held = this.#held;
    if (this.#missing > 0 || held === null) return;
    this.#held = null;
    this.#take?.(held);
  }
}

function readAuth(json: string): Json {
  const auth = json.length > limits.frameBytesMax ? null : parseJson(json);
  if (typeof auth !== 'object' || auth === null || Array.isArray(auth) || auth instanceof Problem)
    throw new Error('auth is an object');
  return auth;
}

function readEvent(type: number, ackId: string, json: string, chars: number): SentEvent {
  const value = parseJson(json);
  const list = value instanceof Problem ? leniently(json) : value;
  const name = Array.isArray(list) ? list[0] : undefined;
  if (!Array.isArray(list) || (typeof name !== 'string' && typeof name !== 'number'))
    throw new Error('not an event');
  const problem =
    chars > limits.frameBytesMax
      ? new Problem('too_large')
      : type === types.binaryEvent
        ? new Problem('invalid_request', 'An event carries JSON, not binary data.', { reason: 'binary' })
        : value instanceof Problem
          ? value
          : null;
  return {
    name: String(name),
    argument: problem === null ? list[1] : undefined,
    problem,
    ackId: ackId === '' ? null : ackId,
  };
}

/** What is JSON but not what we take: it still has a name, and somebody waits for the refusal. */
function leniently(json: string): unknown {
  return JSON.parse(json);
}

/** socket.io itself sends no events here: only what begins and ends a connection. */
export class PacketEncoder {
  encode({ type, nsp, data }: Packet): string[] {
    const place = nsp === '/' ? '' : `${nsp},`;
    return [`${type}${place}${data === undefined ? '' : JSON.stringify(data)}`];
  }
}

/** One acknowledgement; undefined: without an argument. */
export function ackFrame(ackId: string, value: unknown): string {
  return `43${ackId}${value === undefined ? '[]' : JSON.stringify([value])}`;
}
