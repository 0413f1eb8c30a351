/** What becomes of a request to nats-server. */
import type { Msg } from '@nats-io/transport-node';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { Problem } from '../../../domain/problem.ts';

export type Answer =
  | { readonly kind: 'message'; readonly message: Msg }
  /** Nobody listens on the subject: surely not handled. */
  | { readonly kind: 'no-responders' }
  /** Not sent: the connection is down. Surely not handled. */
  | { readonly kind: 'not-sent' }
  /** Not sent: there is more under way than the server can take. Surely not handled. */
  | { readonly kind: 'overloaded' }
  /** Not sent: too many reads of many messages wait already, or this one waited too long. */
  | { readonly kind: 'no-place' }
  /** Sent, but the answer did not come: handled or not. */
  | { readonly kind: 'lost' };

export type Unanswered = Exclude<Answer['kind'], 'message'>;

/** What the answer to a request is when there is none: `overloaded` tells its author to come back. */
export function problemOf(kind: Unanswered): Problem {
  if (kind === 'overloaded') return overloaded('nats_requests');
  return kind === 'no-place' ? overloaded('log_pages') : new Problem('unavailable');
}
