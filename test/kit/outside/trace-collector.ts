/**
 * A collector of traces: takes OTLP over HTTP in protobuf, as it is on the wire, and keeps the spans. The fields that
 * it reads are those of opentelemetry/proto/trace/v1/trace.proto.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Teardown } from '../temporary.ts';

export interface CollectedSpan {
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  /** 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** `trace-span` of each. */
  readonly links: readonly string[];
  readonly isFailed: boolean;
  /** Nanoseconds. */
  readonly startedAt: bigint;
  readonly endedAt: bigint;
  /** Attributes of who told it. */
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface TraceCollector {
  readonly url: string;
  readonly spans: CollectedSpan[];
  /** Header values of the last request. */
  readonly headers: () => Readonly<Record<string, string | string[] | undefined>>;
  /** From now on it answers so; 200 takes spans. */
  answer(status: number): void;
}

export async function startTraceCollector(t: Teardown): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  let status = 200;
  let headers = {};
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      headers = request.headers;
      if (status === 200 && request.url === '/v1/traces') spans.push(...readSpans(Buffer.concat(pieces)));
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, spans, headers: () => headers },
    answer: (code) => {
      status = code;
    },
  };
}

/** ExportTraceServiceRequest -> resource_spans -> scope_spans -> spans. */
function readSpans(bytes: Buffer): CollectedSpan[] {
  return all(read(bytes), 1).flatMap((ofResource) => {
    const fields = read(ofResource);
    const resource = attributesOf(all(fields, 1).flatMap((one) => all(read(one), 1)));
    return all(fields, 2).flatMap((scope) => all(read(scope), 2).map((span) => spanOf(read(span), resource)));
  });
}

function spanOf(fields: Field[], resource: Readonly<Record<string, unknown>>): CollectedSpan {
  const hex = (number: number): string => all(fields, number)[0]?.toString('hex') ?? '';
  const [status] = all(fields, 15);
  return {
    ...{ trace: hex(1), id: hex(2), parent: hex(4), name: all(fields, 5)[0]?.toString() ?? '' },
    kind: Number(one(fields, 6) ?? 0),
    attributes: attributesOf(all(fields, 9)),
    links: all(fields, 13).map((link) => {
      const [trace, span] = [all(read(link), 1)[0], all(read(link), 2)[0]];
      return `${trace?.toString('hex')}-${span?.toString('hex')}`;
    }),
    isFailed: status !== undefined && one(read(status), 3) === 2n,
    startedAt: one(fields, 7) ?? 0n,
    endedAt: one(fields, 8) ?? 0n,
    resource,
  };
}

function attributesOf(pairs: readonly Buffer[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const fields = read(pair);
      const value = read(all(fields, 2)[0] ?? Buffer.alloc(0))[0];
      const plain =
        value?.number === 1 ? String(value.value) : value?.number === 2 ? value.value === 1n : value?.value;
      return [String(all(fields, 1)[0]), typeof plain === 'bigint' ? Number(plain) : plain];
    }),
  );
}

interface Field {
  readonly number: number;
  readonly value: Buffer | bigint;
}

function all(fields: readonly Field[], number: number): Buffer[] {
  return fields.flatMap((field) =>
    field.number === number && Buffer.isBuffer(field.value) ? [field.value] : [],
  );
}

function one(fields: readonly Field[], number: number): bigint | undefined {
  const found = fields.find((field) => field.number === number)?.value;
  return typeof found === 'bigint' ? found : undefined;
}

/** The fields of one message: varints, 64 and 32 bits as numbers, everything else as bytes. */
function read(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const number = key >> 3;
    if ((key & 7) === 0) fields.push({ number, value: varint() });
    else if ((key & 7) === 2) {
      const length = Number(varint());
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    } else {
      const isLong = (key & 7) === 1;
      fields.push({ number, value: isLong ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at)) });
      at += isLong ? 8 : 4;
    }
  }
  return fields;
}
