/** A copy of a request for Engine.IO: uWebSockets.js forgets the original when its callback returns. */
import type { HttpRequest } from 'uWebSockets.js';
import type { EngineRequest, Visitor } from '../../../contract/sockets/event-door.ts';

/** What Engine.IO looks at; credentials and cookies are not among them, they are the visitor's. */
const names = [
  'content-length',
  'content-type',
  'origin',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'upgrade',
  'user-agent',
];

export function copyRequest(request: HttpRequest, visitor: Visitor | null): EngineRequest {
  const method = request.getMethod();
  const url = request.getUrl();
  const query = request.getQuery();
  const headers = new Map<string, string>();
  for (const name of names) {
    const value = request.getHeader(name);
    if (value !== '') headers.set(name, value);
  }
  return {
    visitor,
    getMethod: () => method,
    getUrl: () => url,
    getQuery: () => query,
    getHeader: (name) => headers.get(name) ?? '',
    forEach: (take) => headers.forEach((value, name) => void take(name, value)),
  };
}
