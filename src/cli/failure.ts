/** Why a command cannot go on: a sentence for the person at the terminal, and the exit code. */
export class Failure extends Error {
  readonly exitCode: 1 | 2;
  /** Of the table of problems, where a node or a store refused; null: there is none. */
  readonly code: string | null = null;

  /** `exitCode` 2: the command was called wrongly; 1: everything else. */
  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The sentence of anything that was thrown, without a stack. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Connecting to `localhost` tries several addresses and reports them as one nameless error.
  const { errors } = error as Partial<AggregateError>;
  const inner: unknown = errors?.[0] ?? error.cause;
  if (error.message === '' || error.message === 'fetch failed') {
    return inner instanceof Error ? sentenceOf(inner) : error.name;
  }
  return error.message;
}
