/** How many sockets there are, of whom: a place is taken before the handshake is accepted, and left at its end. */

import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { networkOf } from '../../../domain/network.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Metrics } from '../../../ports/metrics.ts';

export type CensusMetrics = Pick<Metrics, 'anonymousSockets' | 'rejectedHandshakes'>;

/** One socket's place. */
export interface Place {
  readonly isAnonymous: boolean;
  /** The socket said who it is; `overloaded` when that principal has too many. */
  identify(principal: Principal): Problem | null;
  leave(): void;
}

/** There is room again when others leave: some seconds from now. */
const retryAfterMs = 5_000;

export class SocketCensus {
  readonly #metrics: CensusMetrics;
  #open = 0;
  #anonymous = 0;
  /** Anonymous sockets by network. Bounded by anonymousSocketsMax. */
  readonly #byNetwork = new Map<string, number>();
  /** Sockets by principal. Bounded by socketsMax. */
  readonly #byPrincipal = new Map<string, number>();

  constructor(metrics: CensusMetrics) {
    this.#metrics = metrics;
  }

  /** A place for a new socket, or `overloaded`. */
  admit(principal: Principal | null, address: string): Place | Problem {
    if (this.#open >= limits.socketsMax) return this.#refuse('sockets');
    const whose = principal === null ? this.#enter(networkOf(address)) : this.#claim(principal);
    if (whose instanceof Problem) return whose;
    this.#open += 1;
    return this.#place(principal === null ? networkOf(address) : null, whose);
  }

  #place(network: string | null, key: string | null): Place {
    let [anonymousOf, claimed, isOver] = [network, key, false];
    return {
      get isAnonymous() {
        return anonymousOf !== null;
      },
      identify: (principal) => {
        if (anonymousOf === null || isOver) return null;
        const found = this.#claim(principal);
        if (found instanceof Problem) return found;
        this.#exit(anonymousOf);
        anonymousOf = null;
        claimed = found;
        return null;
      },
      leave: () => {
        if (isOver) return;
        isOver = true;
        this.#open -= 1;
        if (anonymousOf !== null) this.#exit(anonymousOf);
        if (claimed !== null) subtract(this.#byPrincipal, claimed);
      },
    };
  }

  #enter(network: string): null | Problem {
    const count = this.#byNetwork.get(network) ?? 0;
    if (this.#anonymous >= limits.anonymousSocketsMax) return this.#refuse('anonymous');
    if (count >= limits.anonymousSocketsPerAddressMax) return this.#refuse('anonymous_of_address');
    this.#byNetwork.set(network, count + 1);
    this.#count(1);
    return null;
  }

  #exit(network: string): void {
    subtract(this.#byNetwork, network);
    this.#count(-1);
  }

  #claim(principal: Principal): string | Problem {
    const key = `${principal.tenant} ${principal.id}`;
    const count = this.#byPrincipal.get(key) ?? 0;
    if (count >= limits.socketsPerPrincipalMax) return this.#refuse('sockets_of_principal');
    this.#byPrincipal.set(key, count + 1);
    return key;
  }

  #count(change: number): void {
    this.#anonymous += change;
    this.#metrics.anonymousSockets.set(this.#anonymous);
  }

  #refuse(reason: string): Problem {
    this.#metrics.rejectedHandshakes.add(reason, 1);
    return overloaded('sockets', 'There are too many sockets.', { reason, retryAfterMs });
  }
}

function subtract(counts: Map<string, number>, key: string): void {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
