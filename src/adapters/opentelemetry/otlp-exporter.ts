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
      (isTaken) => done({ code: isTaken ? taken : failed }),
      () => done({ code: failed }),
    );
  }

  /** Ends the request that is under way. */
  async shutdown(): Promise<void> {
    this.#closing.abort();
  }

  async #send(spans: ReadableSpan[]): Promise<boolean> {
    const { url, headers, timeoutMs } = this.#options;
    const body = ProtobufTraceSerializer.serializeRequest(spans);
    if (body === undefined) return false;
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-protobuf' },
      body,
      redirect: 'error',
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    return response.ok;
  }
}
