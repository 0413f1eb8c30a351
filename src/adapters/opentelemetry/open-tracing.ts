/**
 * The Tracing port over OpenTelemetry's SDK. Nothing global is registered: several nodes may live in one process. What
 * runs in which span is known by AsyncLocalStorage, which costs nothing before its first use.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  ROOT_CONTEXT,
  type Span as SdkSpan,
  SpanKind as SdkSpanKind,
  type SpanContext,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { isTraceparent } from '../../domain/trace-context.ts';
import type { Span, SpanFacts, SpanKind, SpanStart, Tracing } from '../../ports/tracing.ts';
import { type CollectorOptions, OtlpExporter } from './otlp-exporter.ts';
import { type SamplerName, samplerOf } from './sampler-of.ts';
import { type OnSpans, SpanQueue } from './span-queue.ts';

export interface TracingOptions extends CollectorOptions {
  readonly sampler: SamplerName;
  readonly samplerRatio: number;
  /** `service.name`, `service.version`, `service.instance.id` and what the operator says. */
  readonly resource: Readonly<Record<string, string>>;
  readonly onSpans: OnSpans;
}

export interface OpenTracing {
  readonly tracing: Tracing;
  /** Tells the collector what is left, for limits.spanFlushMsMax at most. */
  close(): Promise<void>;
}

export function openTracing(options: TracingOptions): OpenTracing {
  const queue = new SpanQueue(new OtlpExporter(options), options.onSpans);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ ...options.resource }),
    sampler: samplerOf(options.sampler, options.samplerRatio),
    spanLimits: { attributeValueLengthLimit: limits.spanTextCharsMax, linkCountLimit: limits.spanLinksMax },
    spanProcessors: [queue],
  });
  return { tracing: tracingOver(provider.getTracer('parley')), close: () => queue.shutdown() };
}

function tracingOver(tracer: Tracer): Tracing {
  const running = new AsyncLocalStorage<Span>();

  function begin({ name, kind, parent, facts = {}, links = [], agoMs }: SpanStart): Span | null {
    const startTime = agoMs === undefined ? undefined : Date.now() - agoMs;
    const causes = links.map(readContext).filter((context) => context !== null);
    const span = tracer.startSpan(
      name,
      {
        ...{ kind: kinds[kind], attributes: namedFacts(facts) },
        ...(startTime === undefined ? {} : { startTime }),
        links: causes.map((context) => ({ context })),
      },
      contextOf(parent),
    );
    return span.isRecording() ? new RecordedSpan(span) : null;
  }

  function within<T>(span: Span | null, run: () => T): T {
    return span === null ? run() : running.run(span, run);
  }

  return {
    isOn: true,
    begin,
    within,
    current: () => running.getStore() ?? null,
    run(start, run) {
      const span = begin(start);
      if (span === null) return run();
      try {
        const result = within(span, run);
        if (result instanceof Promise)
          result.then(
            (value) => endBy(span, value),
            () => span.end('internal'),
          );
        else endBy(span, result);
        return result;
      } catch (error) {
        span.end('internal');
        throw error;
      }
    },
  };
}

function endBy(span: Span, result: unknown): void {
  span.end(result instanceof Problem ? result.code : undefined);
}

const kinds: Readonly<Record<SpanKind, SdkSpanKind>> = {
  server: SdkSpanKind.SERVER,
  client: SdkSpanKind.CLIENT,
  producer: SdkSpanKind.PRODUCER,
  consumer: SdkSpanKind.CONSUMER,
  internal: SdkSpanKind.INTERNAL,
};

/** Names of the semantic conventions have dots; our own get a prefix. */
function namedFacts(facts: SpanFacts): SpanFacts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name.includes('.') ? name : `parley.${name}`, value]),
  );
}

class RecordedSpan implements Span {
  readonly traceparent: string;
  readonly #span: SdkSpan;

  constructor(span: SdkSpan) {
    this.#span = span;
    const { traceId, spanId } = span.spanContext();
    this.traceparent = `00-${traceId}-${spanId}-01`;
  }

  note(facts: SpanFacts): void {
    this.#span.setAttributes(namedFacts(facts));
  }

  end(failure?: string): void {
    if (!this.#span.isRecording()) return;
    if (failure !== undefined) {
      this.#span.setAttribute('error.type', failure);
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}

function contextOf(parent: string | null): Context {
  const read = parent === null ? null : readContext(parent);
  return read === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, read);
}

/** Null: it is none. */
function readContext(traceparent: string): SpanContext | null {
  if (!isTraceparent(traceparent)) return null;
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}
