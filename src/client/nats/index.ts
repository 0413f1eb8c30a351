/** `parley/nats`: subjects, events and requests for those who have a NATS connection. No dependency. */
export { ParleyProblem, type ParleyProblemCode } from '../problem.ts';
export type { Event, EventOf, EventType, NewMessage, Posted } from '../wire.ts';
export type { NatsConnection, NatsMessage, NatsSubscription } from './connection.ts';
export type { LiveOptions } from './follow-live.ts';
export { decodeLive, type LiveMessage, type NatsReply, ParleyNats, type Verb } from './nats-service.ts';
export {
  apiSubject,
  type EventKind,
  inboxPrefix,
  inboxSubject,
  type LiveFilter,
  liveSubject,
  type PulseKind,
  placeOf,
  pulseSubject,
  token,
  untoken,
} from './subjects.ts';
