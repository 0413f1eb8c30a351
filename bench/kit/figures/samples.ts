/** Numbers of one measurement, and what is said of them. */

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which the share `part` (0-1) of `values` lies, by nearest rank; NaN for none. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1))] ?? Number.NaN;
}

/** (max - min) / median: how far the rounds of one figure lie apart. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}
