/**
 * Ended spans on their way to the collector: one export at a time, in the background. BatchSpanProcessor of the library
 * does the same, but tells nobody what it dropped.
 */
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import { limits } from '../../domain/limits.ts';
import { taken } from './otlp-exporter.ts';

/** `exported`, `dropped` (too many wait) or `failed` (the collector did not take them; `reason`: why, in a word). */
export type OnSpans = (outcome: 'exported' | 'dropped' | 'failed', count: number, reason?: string) => void;

export class SpanQueue implements SpanProcessor {
  readonly #exporter: SpanExporter;
  readonly #onSpans: OnSpans;
  #waiting: ReadableSpan[] = [];
  #timer: NodeJS.Timeout | null = null;
  #exporting: Promise<void> | null = null;
  #isClosed = false;

  constructor(exporter: SpanExporter, onSpans: OnSpans) {
    this.#exporter = exporter;
    this.#onSpans = onSpans;
  }

  onStart(): void {
    // Only what is over is told.
  }

  onEnd(span: ReadableSpan): void {
    if (this.#isClosed || this.#waiting.length >= limits.spansWaitingMax) return this.#onSpans('dropped', 1);
    this.#waiting.push(span);
    if (this.#waiting.length >= limits.spansPerExportMax) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), limits.spanExportPauseMs).unref();
  }

  /** Resolves when everything that ended before was told, or could not be. */
  async forceFlush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#exporting !== null) {
      this.#begin();
      await this.#exporting;
    }
  }

  /** Waits for limits.spanFlushMsMax; what is not told then is lost, and counted. */
  async shutdown(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limits.spanFlushMsMax);
    });
    await Promise.race([this.forceFlush(), patience]);
    clearTimeout(timer);
    this.#isClosed = true;
    const lost = this.#waiting.splice(0).length;
    if (lost > 0) this.#onSpans('dropped', lost);
    this.#stopTimer();
    await this.#exporter.shutdown();
    await this.#exporting;
  }

  #begin(): void {
    this.#stopTimer();
    if (this.#exporting !== null) return;
    const batch = this.#waiting.splice(0, limits.spansPerExportMax);
    if (batch.length === 0) return;
    this.#exporting = this.#export(batch).then(() => {
      this.#exporting = null;
      if (this.#waiting.length >= limits.spansPerExportMax) this.#begin();
      else if (this.#waiting.length > 0 && !this.#isClosed)
        this.#timer ??= setTimeout(() => this.#begin(), limits.spanExportPauseMs).unref();
    });
  }

  #export(batch: ReadableSpan[]): Promise<void> {
    return new Promise((resolve) => {
      const done = (isTaken: boolean, reason?: string): void => {
        if (isTaken) this.#onSpans('exported', batch.length);
        else this.#onSpans('failed', batch.length, reason);
        resolve();
      };
      try {
        this.#exporter.export(batch, ({ code, error }) => done(code === taken, error?.message));
      } catch {
        done(false);
      }
    });
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
