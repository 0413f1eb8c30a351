import type { Principal } from '../../domain/principal.ts';
import { isTraceparent } from '../../domain/trace-context.ts';
import type { SpanStart } from '../../ports/tracing.ts';

/** How the span of a frame, or of an event, of a socket begins. `trace`: what the frame says caused it; anything but W3C trace context counts as nothing. */
export function frameSpan(
  { op }: { readonly op: string },
  { principal }: { readonly principal: Principal | null },
  trace?: unknown,
): SpanStart {
  const parent = typeof trace === 'string' && isTraceparent(trace) ? trace : null;
  const facts = principal === null ? {} : { tenant: principal.tenant, principal: principal.id };
  return { name: `frame ${op}`, kind: 'server', parent, facts };
}
