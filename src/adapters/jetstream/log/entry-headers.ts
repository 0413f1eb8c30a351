/** What is recorded beside an event: NATS headers of a log message <-> the fields of a LogEntry. */
import type { DataClass, ErasedEvent, Event, LogEntry } from '../../../domain/event.ts';
import { isTraceparent } from '../../../domain/trace-context.ts';

export const headerNames = {
  node: 'Parley-Node',
  dataClass: 'Parley-Data-Class',
  policyRef: 'Parley-Policy-Ref',
  erased: 'Parley-Erased',
  traceparent: 'traceparent',
  expectLast: 'Nats-Expected-Last-Subject-Sequence',
  expectSubject: 'Nats-Expected-Last-Subject-Sequence-Subject',
  batchId: 'Nats-Batch-Id',
  batchSequence: 'Nats-Batch-Sequence',
  batchCommit: 'Nats-Batch-Commit',
  messageId: 'Nats-Msg-Id',
  sequence: 'Nats-Sequence',
  subject: 'Nats-Subject',
} as const;

/**
 * A header block that is written, not assembled: the client's MsgHdrs costs a map, an array and a
 * check for each value, which is a tenth of an append. It has the one method that publish() calls.
 */
export class HeaderBlock {
  #text = 'NATS/1.0\r\n';

  /** `value` must hold no CR or LF: every value here is a number, an id or base64url. */
  set(name: string, value: string | number): this {
    this.#text += `${name}: ${value}\r\n`;
    return this;
  }

  get length(): number {
    return this.#text.length;
  }

  encode(): Uint8Array {
    return Buffer.from(`${this.#text}\r\n`, 'latin1');
  }
}

/** Writes the headers that describe an entry. Free text goes as base64url, so no value can hold a line break. */
export function writeEntryHeaders(block: HeaderBlock, entry: LogEntry): void {
  block.set(headerNames.node, entry.node);
  if (entry.dataClass !== 'none') block.set(headerNames.dataClass, entry.dataClass);
  if (entry.policyRef !== null) block.set(headerNames.policyRef, encodeText(entry.policyRef));
  const trace = entry.traceparent ?? entry.event.trace;
  if (trace !== undefined && isTraceparent(trace)) block.set(headerNames.traceparent, trace);
  if (entry.erased.length > 0)
    block.set(headerNames.erased, encodeText(JSON.stringify(entry.erased.map(packErased))));
}

const encodeText = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');
const decodeText = (text: string): string => Buffer.from(text, 'base64url').toString('utf8');

/** The W3C trace context of a message; null: it has none that is valid. Clients write it as they like. */
export function traceparentIn(headers: ReadableHeaders | undefined): string | null {
  const given = headers?.get(headerNames.traceparent) ?? '';
  return given !== '' && isTraceparent(given) ? given : null;
}

interface ReadableHeaders {
  get(name: string): string;
}

/** Rebuilds an entry from a message's body and headers. Throws when the body is not an event. */
export function readEntry(body: Uint8Array, headers: ReadableHeaders | undefined, logSeq: number): LogEntry {
  const event = JSON.parse(textDecoder.decode(body)) as Event;
  if (event.v !== 1 || typeof event.position !== 'number') throw new Error('not an event');
  const erased = headers?.get(headerNames.erased) ?? '';
  const policyRef = headers?.get(headerNames.policyRef) ?? '';
  return {
    event,
    logSeq,
    node: headers?.get(headerNames.node) ?? '',
    dataClass: (headers?.get(headerNames.dataClass) || 'none') as DataClass,
    policyRef: policyRef === '' ? null : decodeText(policyRef),
    erased: erased === '' ? [] : (JSON.parse(decodeText(erased)) as PackedErased[]).map(unpackErased),
  };
}

const textDecoder = new TextDecoder();

/** Up to 1,000 versions travel in one header: short keys keep it under the payload limit. */
type PackedErased = [
  position: number,
  seq: number | null,
  id: string,
  type: 'p' | 'e',
  at: string,
  actorId: string,
  actorKind: 'user' | 'agent' | 'service',
  messageId: string,
  logSeq: number,
  clientId: string | null,
  run: string | null,
];

function packErased(one: ErasedEvent): PackedErased {
  const type = one.type === 'message.posted' ? 'p' : 'e';
  return [
    one.position,
    one.seq,
    one.id,
    type,
    one.at,
    one.actor.id,
    one.actor.kind,
    one.messageId,
    one.logSeq,
    one.clientId ?? null,
    one.run ?? null,
  ];
}

function unpackErased(packed: PackedErased): ErasedEvent {
  const [position, seq, id, type, at, actorId, actorKind, messageId, logSeq, clientId, run] = packed;
  return {
    position,
    seq,
    id,
    type: type === 'p' ? 'message.posted' : 'message.edited',
    at,
    actor: { id: actorId, kind: actorKind },
    messageId,
    logSeq,
    ...(clientId === null ? {} : { clientId }),
    ...(run === null ? {} : { run }),
  };
}
