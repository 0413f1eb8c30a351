/** What traces cost a frame, off and on: off must be lost in the noise of the call itself. */
import { openTracing } from '../../src/adapters/opentelemetry/open-tracing.ts';
import { noTracing } from '../../src/contract/no-tracing.ts';
import type { Tracing } from '../../src/ports/tracing.ts';
import type { Step } from './post-path.ts';

const flags = { sampled: '01', unsampled: '00' } as const;

/** As the doors write it: the span of a frame, and in it that of its append. */
function frame(tracing: Tracing, parent: string | null): (n: number) => unknown {
  const append = (n: number): number => {
    const caller = tracing.isOn ? tracing.current() : null;
    if (caller === null) return n;
    const facts = { op: 'post', partition: 1 };
    tracing.begin({ name: 'append', kind: 'producer', parent: caller.traceparent, facts })?.end();
    return n;
  };
  return (n) =>
    tracing.isOn ? tracing.run({ name: 'frame post', kind: 'server', parent }, () => append(n)) : append(n);
}

/** Nobody listens at that address: spans are made, queued and dropped, which is what the node itself pays for. */
export function traceSteps(): { readonly steps: readonly Step[]; close(): Promise<void> } {
  const { tracing, close } = openTracing({
    ...{ url: 'http://127.0.0.1:9/v1/traces', headers: {}, timeoutMs: 100 },
    ...{ sampler: 'parentbased_always_on', samplerRatio: 1, resource: {}, onSpans: () => undefined },
  });
  const parent = (is: keyof typeof flags): string => `00-${'a'.repeat(32)}-${'b'.repeat(16)}-${flags[is]}`;
  const steps = [
    { name: 'a call, for comparison', call: (n: number) => n },
    { name: 'traces: off', call: frame(noTracing, null) },
    { name: 'traces: on, the caller does not record', call: frame(tracing, parent('unsampled')) },
    { name: 'traces: on, recorded (two spans)', call: frame(tracing, parent('sampled')) },
  ];
  return { steps, close };
}
