/** A Reply as what goes over the wire, made whole before its first byte is written. */

import type { HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import type { HttpDialect, Reply, ReplyStream } from '../../../contract/operation.ts';
import type { Problem } from '../../../domain/problem.ts';

export interface EncodedReply {
  readonly status: number;
  readonly statusLine: string;
  readonly contentType: string;
  /** All other headers, each line beginning with CRLF. */
  readonly tail: string;
  readonly body: string | Uint8Array | null;
  /** Read piece by piece instead of `body`. */
  readonly stream: ReplyStream | null;
}

/** Texts that never change, one per status. */
const statusLines = new Map(
  Object.entries(STATUS_CODES).map(([status, words]) => [Number(status), `${status} ${words}`]),
);
const json = 'application/json';
const badHeaderText = /[^\t\x20-\x7e\x80-\xff]/;

/** What every answer of a dialect carries. */
export interface DialectHeaders {
  /** Header lines, each beginning with CRLF. */
  readonly tail: string;
  readonly requestIdHeader: string | null;
}

/** Compiles the headers of a dialect's answers (null: of no dialect): its own replace those of all answers. */
export function compileDialectHeaders(
  dialect: HttpDialect | null,
  ofAll: Readonly<Record<string, string>>,
): DialectHeaders {
  const lines = Object.entries(ofAll).map(([name, value]) => headerLine(name, value));
  const tail = withOwn(dialect?.headers ?? {}, lines.join(''));
  return { tail, requestIdHeader: dialect?.requestIdHeader ?? null };
}

/** Encodes a reply; throws for what no client is to blame for (a body that is no JSON, a header with a line end). */
export function encodeReply(
  reply: Reply,
  dialect: DialectHeaders,
  ids: { readonly requestId: string; readonly traceId: string },
  extra: Readonly<Record<string, string>> | null,
): EncodedReply {
  const { status, contentType } = reply;
  const statusLine = statusLines.get(status);
  if (statusLine === undefined) throw new Error(`${status} is no HTTP status`);
  let tail = reply.headers === undefined ? dialect.tail : withOwn(reply.headers, dialect.tail);
  tail += `\r\nX-Request-Id: ${ids.requestId}`;
  if (dialect.requestIdHeader !== null) tail += `\r\n${dialect.requestIdHeader}: ${ids.traceId}`;
  if (extra !== null) for (const name in extra) tail += `\r\n${name}: ${extra[name]}`;
  const body = reply.text ?? (reply.body === undefined ? null : JSON.stringify(reply.body));
  const type = contentType === undefined ? json : checked('Content-Type', contentType);
  return { status, statusLine, contentType: type, tail, body, stream: reply.stream ?? null };
}

/** Writes it; call it corked. `isHead`: the headers of the answer to a GET, without its body. */
export function writeReply(
  response: HttpResponse,
  reply: EncodedReply,
  isHead: boolean,
  closes: boolean,
): void {
  const { body, stream } = reply;
  writeHead(response, reply);
  const isBodyless = isHead || reply.status === 204 || reply.status === 304;
  if (!isBodyless) {
    response.end(body ?? '', closes);
    return;
  }
  // Arguments of endWithoutBody() do not do what its declarations say: a response with a length stays open.
  const length = stream?.lengthBytes ?? (body === null ? null : Buffer.byteLength(body));
  if (isHead && length !== null) response.writeHeader('Content-Length', String(length));
  if (closes) response.writeHeader('Connection', 'close');
  response.endWithoutBody();
}

/** Status and headers; the length follows with the body. */
export function writeHead(response: HttpResponse, reply: EncodedReply): void {
  response.writeStatus(reply.statusLine);
  // uWebSockets.js writes `name: value` as given: one call for all headers, because each costs 0.3 microseconds.
  response.writeHeader('Content-Type', reply.contentType + reply.tail);
}

/** Headers that follow from the problem itself, whatever words the dialect found for it. */
export function problemHeaders(problem: Problem, allow: string | null): Record<string, string> {
  const headers: Record<string, string> = {};
  if (problem.retryAfterMs !== undefined)
    headers['Retry-After'] = String(Math.max(1, Math.ceil(problem.retryAfterMs / 1000)));
  if (problem.code === 'unauthenticated') headers['WWW-Authenticate'] = 'Bearer';
  if (allow !== null) headers['Allow'] = allow;
  return headers;
}

/** How a problem is worded where no dialect is concerned. */
export function refuseByDefault(problem: Problem): Reply {
  const { code, message, reason, fields } = problem;
  return { status: problem.status, body: { error: { code, message, reason, fields } } };
}

/** An answer's own header replaces the one of that name that all answers of its dialect carry. */
function withOwn(own: NonNullable<Reply['headers']>, dialectTail: string): string {
  const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const lines = dialectTail.split('\r\n').slice(1);
  const kept = lines.filter((line) => !names.has(line.slice(0, line.indexOf(':')).toLowerCase()));
  const added = Object.entries(own).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((text) => headerLine(name, text)),
  );
  return kept.map((line) => `\r\n${line}`).join('') + added.join('');
}

function headerLine(name: string, value: string): string {
  return `\r\n${name}: ${checked(name, value)}`;
}

function checked(name: string, value: string): string {
  if (badHeaderText.test(value)) throw new Error(`The header ${name} would break its line`);
  return value;
}
