import type { RequestTrace } from '../ports/audit.ts';
import type { RequestContext } from './operation.ts';

/** Where a request came from, for the audit. Ask before anything is awaited: afterwards the client may be gone. */
export function traceOf({ address, requestId }: RequestContext): RequestTrace {
  return { address: address === '' ? null : address, requestId };
}
