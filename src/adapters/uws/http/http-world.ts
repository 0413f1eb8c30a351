import type { HttpDialect, Operation, Reply, RequestContext } from '../../../contract/operation.ts';
import type { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Authenticator } from '../../../ports/identity/identity-authenticator.ts';
import type { RateLimiter } from '../../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Tracing } from '../../../ports/tracing.ts';
import type { CorsPolicy } from '../gate/cors.ts';
import type { OpenReplies } from '../streams/open-replies.ts';
import type { SpillFolder } from '../streams/spill.ts';
import type { HeldBodies } from './held-bodies.ts';
import type { Deadlines } from './http-body.ts';
import type { Arrival } from './http-context.ts';
import type { DialectHeaders } from './http-reply.ts';
import type { Router } from './http-router.ts';
import type { InFlight } from './in-flight.ts';

/** How one dialect answers: made once at boot. */
export interface Words {
  readonly headers: DialectHeaders;
  readonly refuse: (problem: Problem, context: RequestContext) => Reply;
}

/** Told of each finished request: null operation for an unknown path, 499 for a client that went away. */
export type ObserveRequest = (operation: Operation | null, status: number, seconds: number) => void;

/** Beyond them requests are refused with 503. */
export interface HttpBounds {
  readonly requestsInFlightMax: number;
  readonly bodiesHeldBytesMax: number;
}

/** What all requests of a front end share. */
export interface HttpWorld {
  readonly router: Router;
  readonly cors: CorsPolicy;
  readonly authenticate: Authenticator['authenticate'];
  readonly rates: RateLimiter;
  readonly arrival: Arrival;
  readonly cookieNames: readonly string[];
  readonly newRequestId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observe: ObserveRequest;
  readonly logsRequests: boolean;
  readonly inFlight: InFlight;
  readonly heldBodies: HeldBodies;
  readonly bounds: HttpBounds;
  /** Told of each refusal that is answered. */
  readonly onRefused: (problem: Problem) => void;
  readonly tracing: Tracing;
  readonly bodyDeadlines: Deadlines;
  readonly openReplies: OpenReplies;
  /** For bodies that come faster than they are read. */
  readonly spills: SpillFolder;
  readonly wordsOf: ReadonlyMap<HttpDialect, Words>;
  readonly defaultWords: Words;
}
