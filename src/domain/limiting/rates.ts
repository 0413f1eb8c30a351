/** How often one principal, and one network address, may do what. PARLEY_RATE_LIMIT=off lifts all of it. */
import type { Rate } from './token-bucket.ts';

interface RateRow {
  /** Of one principal, over all its connections and dialects, on one node. */
  readonly principal: Rate;
  /** Of everybody behind one address: an office, or a host that runs a fleet of agents. */
  readonly address: Rate;
}

/**
 * Classes of operations. The figures of `send` and `search` are vero.md's (§1); the others are several times what
 * a busy client was seen to do.
 */
export const rates = {
  /** Posts a message. */
  send: { principal: { perSecond: 30, burst: 60 }, address: { perSecond: 1_500, burst: 3_000 } },
  /** Changes anything else: edits, reactions, control events, participants, conversations. */
  write: { principal: { perSecond: 30, burst: 60 }, address: { perSecond: 1_500, burst: 3_000 } },
  read: { principal: { perSecond: 100, burst: 300 }, address: { perSecond: 5_000, burst: 10_000 } },
  search: { principal: { perSecond: 5, burst: 10 }, address: { perSecond: 100, burst: 200 } },
  /** Asks for, or renews, a session: there is no principal yet, and each costs a password hash. */
  'sign-in': { principal: { perSecond: 5, burst: 20 }, address: { perSecond: 20, burst: 100 } },
  typing: { principal: { perSecond: 10, burst: 20 }, address: { perSecond: 1_000, burst: 2_000 } },
  /** A streaming agent sends 200/s for each message that it writes. */
  delta: { principal: { perSecond: 1_000, burst: 2_000 }, address: { perSecond: 20_000, burst: 40_000 } },
  /** Accounts, keys, tenants, audit. */
  admin: { principal: { perSecond: 20, burst: 60 }, address: { perSecond: 200, burst: 600 } },
  /** Becomes a socket. A fleet comes back all at once when its node is restarted. */
  handshake: { principal: { perSecond: 100, burst: 1_000 }, address: { perSecond: 200, burst: 2_000 } },
  /** Showed a credential that is not valid. */
  refused: { principal: { perSecond: 5, burst: 50 }, address: { perSecond: 5, burst: 50 } },
  /** Opened a TCP connection. */
  connect: { principal: { perSecond: 500, burst: 2_000 }, address: { perSecond: 500, burst: 2_000 } },
} as const satisfies Record<string, RateRow>;

export type RateClass = keyof typeof rates;

export const rateClasses = Object.keys(rates) as readonly RateClass[];

/** The class of an HTTP operation that names none. */
export function rateClassOf(method: string): RateClass {
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}
