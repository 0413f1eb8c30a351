/** How a client wants to hear the answer of an agent (eliza.md §1). */
import type { Problem } from '../../../../domain/problem.ts';
import { invalid, isGiven } from './decode-message.ts';

/** `websocket`: by its socket, later. `http`: with the reply. `sse`: as it is spoken. */
export type Transport = 'websocket' | 'http' | 'sse';

const transports: Readonly<Record<string, Transport>> = { websocket: 'websocket', http: 'http', sse: 'sse' };
/** What older clients say. */
const modes: Readonly<Record<string, Transport>> = { websocket: 'websocket', sync: 'http', stream: 'sse' };
const all: Readonly<Record<string, Transport>> = { ...modes, ...transports };

export function decodeTransport({
  transport,
  mode,
}: {
  readonly transport?: unknown;
  readonly mode?: unknown;
}): Transport | Problem {
  if (isGiven(transport)) return among(all, transport) ?? unknown(transport);
  if (isGiven(mode)) return among(all, mode) ?? unknown(mode);
  return 'websocket';
}

function among(known: Readonly<Record<string, Transport>>, value: unknown): Transport | undefined {
  return typeof value === 'string' && Object.hasOwn(known, value) ? known[value] : undefined;
}

function unknown(value: unknown): Problem {
  const said = typeof value === 'string' ? value.slice(0, 40) : typeof value;
  return invalid(`Invalid transport: "${said}". Must be one of: http, sse, websocket`);
}
