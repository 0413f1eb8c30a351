/** A Reply as what goes over the wire, made whole before its first byte is written. */

import type { HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import type { HttpDialect, Reply } from '../../contract/operation.ts';
import type { Problem } from '../../domain/problem.ts';

export interface EncodedReply {
  readonly statusLine: string;
  /** Name, value, name, value… */
  readonly headers: readonly string[];
  /** Null: no body, and no content length either where the status forbids it. */
  readonly body: string | Uint8Array | null;
  readonly status: number;
}

/** Texts that never change, one per status. */
const statusLines = new Map(
  Object.entries(STATUS_CODES).map(([status, words]) => [Number(status), `${status} ${words}`]),
);
const json = 'application/json';
const badHeaderText = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * uWebSockets.js writes `name: value\r\n` as given, so the headers of every answer of a dialect go with
 * the content type in ONE call: each call into C++ costs 0.1 microseconds.
 */
export interface DialectHeaders {
  /** Lines after the content type, each beginning with CRLF. */
  readonly tail: string;
  readonly jsonAndTail: string;
  readonly requestIdHeader: string | null;
}

/** Compiles what every answer of a dialect carries (null: of no dialect). */
export function compileDialectHeaders(dialect: HttpDialect | null): DialectHeaders {
  const headers = { 'X-Content-Type-Options': 'nosniff', ...dialect?.headers };
  const tail = Object.entries(headers).map(([name, value]) => `\r\n${name}: ${checked(name, value)}`);
  return {
    tail: tail.join(''),
    jsonAndTail: json + tail.join(''),
    requestIdHeader: dialect?.requestIdHeader ?? null,
  };
}

/** Encodes a reply; throws for what no client is to blame for (a body that is no JSON, a header with a line end). */
export function encodeReply(
  reply: Reply,
  dialect: DialectHeaders,
  requestId: string,
  extra: Readonly<Record<string, string>> | null,
): EncodedReply {
  const body = reply.text ?? (reply.body === undefined ? null : JSON.stringify(reply.body));
  const type = reply.contentType ?? json;
  const headers = [
    'Content-Type',
    type === json ? dialect.jsonAndTail : checked('Content-Type', type) + dialect.tail,
    'X-Request-Id',
    requestId,
  ];
  if (dialect.requestIdHeader !== null) headers.push(dialect.requestIdHeader, requestId);
  if (extra !== null) for (const name in extra) headers.push(name, extra[name] ?? '');
  if (reply.headers !== undefined) addHeaders(headers, reply.headers, dialect, type);
  const statusLine = statusLines.get(reply.status);
  if (statusLine === undefined) throw new Error(`${reply.status} is no HTTP status`);
  return { statusLine, headers, body, status: reply.status };
}

/** Writes it; call it corked. `isHead`: the headers of the answer to a GET, without its body. */
export function writeReply(
  response: HttpResponse,
  reply: EncodedReply,
  isHead: boolean,
  closes: boolean,
): void {
  response.writeStatus(reply.statusLine);
  const { headers, body } = reply;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    response.writeHeader(headers[index] ?? '', headers[index + 1] ?? '');
  }
  const isBodyless = isHead || reply.status === 204 || reply.status === 304;
  if (!isBodyless) {
    response.end(body ?? '', closes);
    return;
  }
  // Arguments of endWithoutBody() do not do what its declarations say: a response with a length stays open.
  if (isHead && body !== null) response.writeHeader('Content-Length', String(Buffer.byteLength(body)));
  if (closes) response.writeHeader('Connection', 'close');
  response.endWithoutBody();
}

/** Headers that follow from the problem itself, whatever words the dialect found for it. */
export function problemHeaders(problem: Problem, allow: string | null): Record<string, string> {
  const headers: Record<string, string> = {};
  if (problem.retryAfterMs !== undefined)
    headers['Retry-After'] = String(Math.ceil(problem.retryAfterMs / 1000));
  if (problem.code === 'unauthenticated') headers['WWW-Authenticate'] = 'Bearer';
  if (allow !== null) headers['Allow'] = allow;
  return headers;
}

/** How a problem is worded where no dialect is concerned. */
export function refuseByDefault(problem: Problem): Reply {
  const { code, message, reason, fields } = problem;
  return { status: problem.status, body: { error: { code, message, reason, fields } } };
}

function addHeaders(
  headers: string[],
  own: NonNullable<Reply['headers']>,
  dialect: DialectHeaders,
  type: string,
): void {
  for (const [name, value] of Object.entries(own)) {
    for (const text of typeof value === 'string' ? [value] : value) headers.push(name, checked(name, text));
  }
  // An answer's own header replaces the one that all answers of its dialect carry.
  const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const lines = dialect.tail.split('\r\n').slice(1);
  const kept = lines.filter((line) => !names.has(line.slice(0, line.indexOf(':')).toLowerCase()));
  if (kept.length < lines.length) headers[1] = [type, ...kept].join('\r\n');
}

function checked(name: string, value: string): string {
  if (badHeaderText.test(value)) throw new Error(`The header ${name} would break its line`);
  return value;
}
