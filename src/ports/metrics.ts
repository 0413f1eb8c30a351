/** Counters and histograms that core feeds; the names and help texts are the table that `/metrics` prints. */
export interface Counter {
  add(value: number): void;
}
export interface Histogram {
  observe(value: number): void;
}
export interface Gauge {
  set(value: number): void;
}
/** A counter for each of a few names that the program itself chose: never for what a client sent. */
export interface CounterByName {
  add(name: string, value: number): void;
}

export interface Metrics {
  /** By partition. */
  readonly appends: CounterByName;
  readonly appendConflicts: Counter;
  readonly appendUnknowns: Counter;
  readonly appendSeconds: Histogram;
  /** By code of the problem. */
  readonly refusals: CounterByName;
  /** What was refused with `overloaded`, by the bound that was met (domain/limiting/overload.ts). */
  readonly overloads: CounterByName;
  readonly forwards: Counter;
  readonly deliveries: Counter;
  readonly gapRepairs: Counter;
  readonly slowConsumers: Counter;
  /** Sockets that ended, by close code. */
  readonly socketCloses: CounterByName;
  readonly deltas: Counter;
  /** By partition. */
  readonly projected: CounterByName;
  /** Entries that could not be projected and were passed over. */
  readonly projectionSkipped: Counter;
  readonly projectionBatchSeconds: Histogram;
  readonly conversationsCached: Gauge;
  readonly sockets: Gauge;
  /** By class of operation. */
  readonly rateLimited: CounterByName;
  /** Handshakes and connections that were turned away, by reason. */
  readonly rejectedHandshakes: CounterByName;
  /** Turns of agents that run here: `begun` to ask the model, and how they ended. */
  readonly agentTurns: CounterByName;
  /** Deliveries of webhooks: attempts that failed, how deliveries ended, endpoints that were disabled. */
  readonly webhookDeliveries: CounterByName;
  /** 1 while the language model is left alone because it fails. */
  readonly modelOpen: Gauge;
  /** Spans of traces: what became of them. */
  readonly spans: CounterByName;
  /** Sockets that did not say yet who they are. */
  readonly anonymousSockets: Gauge;
}
