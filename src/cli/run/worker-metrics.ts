/**
 * /metrics of a node of several workers. The kernel gives a scrape to any of them, and whoever gets it answers for all:
 * it asks the supervisor, which asks every worker for its own text and joins what comes in time.
 *
 *   worker --wanted--> supervisor --asked--> every worker --told--> supervisor --whole--> worker
 */
import type { ChildProcess } from 'node:child_process';
import { ofWorkers } from '../../adapters/prometheus/declared/of-workers.ts';
import { mergedText } from '../../adapters/prometheus/merged-text.ts';

type Message =
  | { readonly metrics: 'wanted' }
  | { readonly metrics: 'asked'; readonly round: number }
  | { readonly metrics: 'told'; readonly round: number; readonly text: string }
  | { readonly metrics: 'whole'; readonly text: string };

/** A worker that is silent for so long is left out. Prometheus waits 10 s by default. */
const tellMsMax = 5_000;
/** A little more than that, for the way; then a worker answers for itself. */
const wholeMsMax = 6_000;

/** Of the supervisor: one round at a time, shared by all who ask meanwhile. */
export class MetricsGathering {
  readonly #running: ReadonlyMap<number, ChildProcess>;
  readonly #count: number;
  #restarts = 0;
  #round = 0;
  #told = new Map<ChildProcess, string>();
  #asking = new Set<ChildProcess>();
  #timer: NodeJS.Timeout | null = null;

  /** `count`: how many workers there should be. */
  constructor(running: ReadonlyMap<number, ChildProcess>, count: number) {
    this.#running = running;
    this.#count = count;
  }

  restarted(): void {
    this.#restarts += 1;
  }

  /** Takes what a worker said; other things than metrics are passed over. */
  heard(child: ChildProcess, said: unknown): void {
    const message = said as Partial<Message> | null;
    if (message?.metrics === 'wanted') this.#want(child);
    if (message?.metrics === 'told' && message.round === this.#round && this.#timer !== null) {
      this.#told.set(child, String(message.text));
      if ([...this.#running.values()].every((one) => this.#told.has(one))) this.#answer();
    }
  }

  #want(child: ChildProcess): void {
    this.#asking.add(child);
    if (this.#timer !== null) return;
    this.#round += 1;
    this.#timer = setTimeout(() => this.#answer(), tellMsMax);
    for (const one of this.#running.values()) tellWorker(one, { metrics: 'asked', round: this.#round });
  }

  #answer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const text = mergedText([this.#ownText(), ...this.#told.values()]);
    for (const one of this.#asking) tellWorker(one, { metrics: 'whole', text });
    this.#told = new Map();
    this.#asking = new Set();
  }

  #ownText(): string {
    return [
      [ofWorkers.count, this.#count] as const,
      [ofWorkers.told, this.#told.size] as const,
      [ofWorkers.restarts, this.#restarts] as const,
    ]
      .map(
        ([{ name, kind, help }, value]) =>
          `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${name} ${value}\n`,
      )
      .join('');
  }
}

/**
 * Of a worker: gives the supervisor `own` whenever it asks. The function that is answered reads the text of the whole
 * node; that of this worker alone when the supervisor does not answer in time.
 */
export function shareMetrics(own: () => Promise<string>): () => Promise<string> {
  let whole: Promise<string | null> | null = null;
  let settle: (text: string | null) => void = () => undefined;
  process.on('message', (said) => {
    const message = said as Partial<Message> | null;
    if (message?.metrics === 'whole') settle(String(message.text));
    if (message?.metrics !== 'asked') return;
    const round = message.round ?? 0;
    own().then(
      (text) => tellSupervisor({ metrics: 'told', round, text }),
      () => undefined, // one that cannot tell is left out like one that is silent
    );
  });
  const ask = (): Promise<string | null> =>
    new Promise((resolve) => {
      const late = setTimeout(() => settle(null), wholeMsMax).unref();
      settle = (text) => {
        clearTimeout(late);
        whole = null;
        resolve(text);
      };
      tellSupervisor({ metrics: 'wanted' });
    });
  return async () => {
    whole ??= ask(); // shared by all who read meanwhile
    return (await whole) ?? (await own());
  };
}

/** A process that is about to end has no channel any more: then nobody waits for it. */
function tellWorker(worker: ChildProcess, message: Message): void {
  if (worker.connected) worker.send(message, () => undefined);
}

function tellSupervisor(message: Message): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
