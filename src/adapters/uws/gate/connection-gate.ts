/** TCP connections: how fast one address may open them, and how many a node has. Nothing was read from them yet. */
import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { limits } from '../../../domain/limits.ts';
import type { RateLimiter } from '../../../ports/limits/rate-limiter.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import { type TrustedProxies, wholeAddress } from './client-address.ts';

export interface ConnectionGateOptions {
  readonly rates: RateLimiter;
  readonly proxies: TrustedProxies;
  readonly metrics: Pick<Metrics, 'rejectedHandshakes'>;
}

export class ConnectionGate {
  readonly #options: ConnectionGateOptions;
  #open = 0;

  constructor(options: ConnectionGateOptions) {
    this.#options = options;
  }

  /**
   * A connection that is refused is closed without a word: there is no request to answer. One that stays idle is
   * closed by uWebSockets.js 10 s after it was opened or last answered, also when it sends parts of a header.
   */
  attach(app: TemplatedApp): void {
    const onChange = (response: HttpResponse, change: number): void => {
      this.#open += change;
      if (change < 0) return;
      const peer = wholeAddress(Buffer.from(response.getRemoteAddressAsText()).toString('latin1'));
      const reason = this.#refusal(peer);
      if (reason === null) return;
      this.#options.metrics.rejectedHandshakes.add(reason, 1);
      response.close();
    };
    app.filter(onChange);
  }

  /** A connection that had become a socket is gone: the transport does not tell its filters. */
  socketIsGone(): void {
    this.#open -= 1;
  }

  #refusal(peer: string): string | null {
    if (this.#open > limits.connectionsMax) return 'connections';
    const { rates, proxies } = this.#options;
    // Behind a proxy are many: it has limits of its own.
    if (proxies.has(peer)) return null;
    return rates.take(null, { address: peer }, 'connect') === null ? null : 'connection_rate';
  }
}
