/** One line of `parley doctor`. */
export interface Finding {
  readonly check: string;
  /** `broken`: a node would not work. `advice`: it works, but not for long or not well. */
  readonly status: 'ok' | 'advice' | 'broken';
  readonly found: string;
  readonly remedy?: string;
}
