/** A real name server on loopback: it answers as a test says, and nothing may be remembered of it. */
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import type { Teardown } from '../temporary.ts';

/** Addresses of a name; none: there is no such name. `silent`: no answer at all. */
export type NameAnswer = readonly string[] | 'silent';

export interface NameServer {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Names that were asked for, each for both kinds of addresses. */
  readonly asked: readonly string[];
}

const headerBytes = 12;
const recordTypes = { 1: 4, 28: 6 } as Readonly<Record<number, 4 | 6>>;

export async function startNameServer(
  t: Teardown,
  answer: (name: string) => NameAnswer,
): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const { name, end, family } = questionOf(query);
    asked.push(name);
    const given = answer(name);
    if (given === 'silent') return;
    const matching = given.filter((one) => isIP(one) === family);
    socket.send(answered(query.subarray(0, end), given.length > 0, matching), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return { address: `127.0.0.1:${socket.address().port}`, asked };
}

function questionOf(query: Buffer) {
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 5, family: recordTypes[query.readUInt16BE(at + 1)] };
}

/** RFC 1035, 4.1: a header, the question as it came, a record for each address, kept for no time. */
function answered(question: Buffer, isThere: boolean, addresses: readonly string[]): Buffer {
  const header = Buffer.from(question.subarray(0, headerBytes));
  header.writeUInt16BE(isThere ? 0x8180 : 0x8183, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  header.fill(0, 8);
  return Buffer.concat([header, question.subarray(headerBytes), ...addresses.map(recordOf)]);
}

function recordOf(address: string): Buffer {
  const bytes = isIP(address) === 4 ? address.split('.').map(Number) : bytesOf6(address);
  const head = Buffer.from([0xc0, 0x0c, 0, bytes.length === 4 ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
  return Buffer.concat([head, Buffer.from(bytes)]);
}

/** Of one with `::` in it. */
function bytesOf6(address: string): number[] {
  const [before = [], after = []] = address
    .split('::')
    .map((part) => part.split(':').filter((one) => one !== ''));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}
