import { httpMetric } from './declared/all-metrics.ts';
import { FastHistogram, histogramSamples, type Sample, secondsBounds } from './fast-metrics.ts';

/** Of an operation: one histogram for each class of status that came up. */
type Classes = (FastHistogram | undefined)[];

/**
 * Times of requests by operation. Operations are declared, so their number is bounded; unknown paths are
 * one operation.
 */
export class HttpMetrics {
  readonly #byOperation = new Map<string, Classes>();

  observe(operation: string | null, status: number, seconds: number): void {
    const id = operation ?? 'unknown';
    let classes = this.#byOperation.get(id);
    if (classes === undefined) {
      classes = [];
      this.#byOperation.set(id, classes);
    }
    const index = status === 499 ? 0 : Math.floor(status / 100);
    const histogram = classes[index] ?? new FastHistogram(secondsBounds);
    classes[index] = histogram;
    histogram.observe(seconds);
  }

  samples(): Sample[] {
    return [...this.#byOperation].flatMap(([operation, classes]) =>
      classes.flatMap((histogram, index) => {
        const status = index === 0 ? '499' : `${index}xx`;
        return histogram === undefined
          ? []
          : histogramSamples(httpMetric.name, histogram, { operation, status });
      }),
    );
  }
}
