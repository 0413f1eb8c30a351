/** How a line of the log is declared: once, for schemas/log.md, schemas/log.json and whoever alerts on a message. */
import type { FieldName } from './fields.ts';

export interface DeclaredLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** On every such line. */
  readonly fields?: readonly FieldName[];
  /** On some of them. */
  readonly sometimes?: readonly FieldName[];
  /** For whoever is on call: why it is said, and what to do. */
  readonly advice: string;
}

/** By message: it is a constant, so it names the line. */
export type DeclaredLines = Readonly<Record<string, DeclaredLine>>;
