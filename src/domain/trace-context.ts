/** W3C trace context (https://www.w3.org/TR/trace-context/), as far as it is looked into here. */

/** `version-trace id-parent id-flags`, and what later versions may add. No value can hold a line break. */
const form =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]{1,200})?$/;
const flagsAt = 'vv-tttttttttttttttttttttttttttttttt-pppppppppppppppp-'.length;

export function isTraceparent(text: string): boolean {
  return form.test(text);
}

/** 32 hex digits; of a valid traceparent. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** Whoever wrote it records the trace; of a valid traceparent. */
export function isSampled(traceparent: string): boolean {
  return (Number.parseInt(traceparent.slice(flagsAt, flagsAt + 2), 16) & 1) === 1;
}
