import type { Metrics } from '../../../src/ports/metrics.ts';

class Sum {
  total = 0;
  add(value: number): void {
    this.total += value;
  }
  observe(): void {
    this.total += 1;
  }
  set(value: number): void {
    this.total = value;
  }
}

class SumByName {
  readonly totals = new Map<string, number>();
  add(name: string, value: number): void {
    this.totals.set(name, (this.totals.get(name) ?? 0) + value);
  }
}

/** Metrics that can be looked at. */
export function quietMetrics() {
  return {
    appends: new SumByName(),
    appendConflicts: new Sum(),
    appendUnknowns: new Sum(),
    appendSeconds: new Sum(),
    refusals: new SumByName(),
    overloads: new SumByName(),
    forwards: new Sum(),
    deliveries: new Sum(),
    gapRepairs: new Sum(),
    slowConsumers: new Sum(),
    socketCloses: new SumByName(),
    deltas: new Sum(),
    projected: new SumByName(),
    projectionSkipped: new Sum(),
    projectionBatchSeconds: new Sum(),
    conversationsCached: new Sum(),
    sockets: new Sum(),
    rateLimited: new SumByName(),
    rejectedHandshakes: new SumByName(),
    agentTurns: new SumByName(),
    webhookDeliveries: new SumByName(),
    modelOpen: new Sum(),
    spans: new SumByName(),
    anonymousSockets: new Sum(),
  } satisfies Metrics;
}
