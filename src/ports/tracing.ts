/**
 * Traces of what a request causes, on whichever node: off unless configured. The hot path asks `isOn` and nothing else
 * while they are off. Facts are ids, numbers and words that the program chose: never content, tokens or names.
 */
export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  /** One of few: `append`, `frame post`, an operation's id. */
  readonly name: string;
  readonly kind: SpanKind;
  /** What caused it, as W3C trace context; null: nothing that is traced, so this may begin a trace. */
  readonly parent: string | null;
  readonly facts?: SpanFacts;
  /** Several causes, none of which is the parent. */
  readonly links?: readonly string[];
  /** How long ago it began. */
  readonly agoMs?: number;
}

export interface Span {
  /** W3C trace context, for what it causes. */
  readonly traceparent: string;
  note(facts: SpanFacts): void;
  /** `failure`: a word that the program chose, the code of a problem. Only the first call counts. */
  end(failure?: string): void;
}

export interface Tracing {
  /** False: nothing is ever recorded, and no other member needs to be called. */
  readonly isOn: boolean;
  /** Null: not recorded, by the sampler's decision. */
  begin(start: SpanStart): Span | null;
  /** Runs in the span, for whatever it awaits, too; null: as it is. */
  within<T>(span: Span | null, run: () => T): T;
  /** The span that this runs in. */
  current(): Span | null;
  /** Runs in a span of its own, which ends with the result or its promise; a Problem is a failure. */
  run<T>(start: SpanStart, run: () => T): T;
}
