/** autocannon with a fixed number of requests: each is answered, so answers can be counted against the log. */
import autocannon from 'autocannon';

export type HttpLoad = {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Connection i asks for path i mod length. */
  readonly paths: readonly string[];
  readonly connections: number;
  readonly status: number;
  /** How long an answer may take; default 30. */
  readonly requestSecMax?: number;
  /** Every answer's body must be exactly this. */
  readonly expectBody?: string;
};

export type HttpResult = {
  readonly requests: number;
  readonly perSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** The first finds a rate of cold code, the second a rate that holds. */
const warmUpRuns = 2;
const requestSecMax = 30;
/** autocannon looks for its end only when it samples. */
const sampleMs = 100;

/** Sends `amount` requests, one in flight on each connection; throws unless each is answered as it should be. */
export async function loadHttp(load: HttpLoad, amount: number): Promise<HttpResult> {
  const statuses = new Map<number, number>();
  let firstAt = Number.NaN;
  let lastAt = Number.NaN;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon(options(load, amount), (error, done) =>
      error ? reject(error) : resolve(done),
    );
    running.on('start', () => {
      firstAt = performance.now();
    });
    running.on('response', (_client, status) => {
      lastAt = performance.now();
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
  });
  const good = statuses.get(load.status) ?? 0;
  if (good !== amount || result.errors > 0 || result.mismatches > 0) {
    const seen = [...statuses].map(([status, count]) => `${count} x ${status}`).join(', ');
    throw new Error(
      `${load.method} ${load.paths[0]}: of ${amount} answers ${good} were ${load.status} (${seen}), ` +
        `${result.errors} errors, ${result.mismatches} other bodies`,
    );
  }
  return {
    requests: amount,
    perSec: amount / ((lastAt - firstAt) / 1_000),
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}

/** How many requests take about `forMs`, asked of short runs that warm the server up as well. */
export async function amountFor(load: HttpLoad, forMs: number): Promise<{ amount: number; spent: number }> {
  const least = load.connections * 20;
  let amount = least;
  let spent = 0;
  for (let run = 0; run < warmUpRuns; run += 1) {
    const { perSec } = await loadHttp(load, amount);
    spent += amount;
    amount = Math.max(least, Math.round((perSec * forMs) / 1_000));
  }
  return { amount, spent };
}

function options(load: HttpLoad, amount: number): autocannon.Options {
  let connection = 0;
  return {
    url: load.url,
    connections: load.connections,
    amount,
    timeout: load.requestSecMax ?? requestSecMax,
    sampleInt: sampleMs,
    setupClient: (client) => {
      const path = load.paths[connection % load.paths.length]!;
      connection += 1;
      const body = load.body === undefined ? {} : { body: load.body };
      client.setRequests([{ method: load.method, path, headers: { ...load.headers }, ...body }]);
    },
    ...(load.expectBody === undefined ? {} : { verifyBody: (body: unknown) => body === load.expectBody }),
  } as autocannon.Options;
}
