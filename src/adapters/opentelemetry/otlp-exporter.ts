/**
 * Tells a collector spans: OTLP over HTTP, protobuf. The library's own exporter tries again for as long as its time-out,
 * with timers that hold the process: here one request is all there is, and a node that ends can end it.
 */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

export interface CollectorOptions {
  /** Where a collector takes traces, whole: `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

type Done = Parameters<SpanExporter['export']>[1];

/** Of ExportResultCode, whose package nothing else here needs. */
export const [taken, failed] = [0, 1];

export class OtlpExporter implements SpanExporter {
  readonly #options: CollectorOptions;
  readonly #closing = new AbortController();

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#send(spans).then(
      (refusal) => done(refusal === null ? { code: taken } : { code: failed, error: new Error(refusal) }),
      (error: unknown) => done({ code: failed, error: new Error(wordOf(error)) }),
    );
  }

  /** Ends the request that is under way. */
  async shutdown(): Promise<void> {
    this.#closing.abort();
  }

  /** Null: they were taken; else why not. */
  async #send(spans: ReadableSpan[]): Promise<string | null> {
    const { url, headers, timeoutMs } = this.#options;
    const body = ProtobufTraceSerializer.serializeRequest(spans);
    if (body === undefined) return 'not serialized';
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-protobuf' },
      body,
      redirect: 'error',
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    return response.ok ? null : `status ${response.status}`;
  }
}

/** `ECONNREFUSED`, `TimeoutError`: no text of the other side. */
function wordOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = (error.cause as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : error.name;
}
