/** How a metric is declared: once, for what feeds it, for /metrics, and for schemas/metrics.md. */
export interface DeclaredMetric {
  /** As Prometheus knows it. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram' | 'summary';
  /** What a sample counts or measures: `seconds`, `bytes`, `events`. */
  readonly unit: string;
  /** Besides `node` and `worker`. Every value is one that the program chose: their number is bounded. */
  readonly labels?: readonly string[];
  readonly help: string;
  /** For whoever is on call: what is normal, and what to do when it is not. */
  readonly advice: string;
  /** Of the operating systems on which it is told; absent: all. */
  readonly platforms?: readonly string[];
}
