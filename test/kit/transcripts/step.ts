/** What a transcript is made of: requests as they go over the wire, and what must come back. */

/**
 * What a JSON value must be. An object must have exactly these keys, an array exactly these elements; a
 * pattern is matched against a text, a function asked. `{name}` in texts stands for what was kept under
 * that name, `{uuid.name}` for a new UUID, the same one each time, `{origin}`
 * for the node’s own.
 */
export type Shape =
  | null
  | boolean
  | number
  | string
  | RegExp
  | ((value: unknown) => boolean)
  | readonly Shape[]
  | { readonly [key: string]: Shape };

export interface Expected {
  readonly status: number;
  /** Beside those that every answer of this API has; null: absent. */
  readonly headers?: Readonly<Record<string, string | RegExp | null>>;
  /** Absent: an empty body. */
  readonly body?: Shape;
}

export interface Step {
  readonly name: string;
  /** Of the cast (cast.ts); its token goes as `Authorization: Bearer`. `nobody` sends no credential. */
  readonly as: string;
  /** `GET /api/conversations/{harbour}`. */
  readonly request: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
  readonly expect: Expected;
  /** What later steps use of the answer: name -> dotted path into its body, or `cookie:` and a name. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Asked again until it answers as it must: for what follows the projection. */
  readonly eventually?: true;
  /** Played so often; `{n}` counts from 1. */
  readonly times?: number;
}

/** One story of a row of the contract, played on its own conversations. */
export interface Transcript {
  readonly title: string;
  readonly steps: readonly Step[];
}
