/**
 * What people and language models read about a node: sections, and in them one entry for each thing that can be
 * asked or received. Made from the declarations once; markdown.ts and page.ts write the same content twice.
 */

/** `text` may hold `code` in backticks and [links](https://…). */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly kind: 'code'; readonly label: string; readonly text: string };

export interface Entry {
  /** Unique in the reference, fit for a fragment: `symbia.postMessage`. */
  readonly id: string;
  /** `POST /api/conversations`, `message:send`. */
  readonly title: string;
  readonly summary: string;
  readonly blocks: readonly Block[];
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly entries: readonly Entry[];
}

export interface Reference {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly sections: readonly Section[];
}

export function text(words: string): Block {
  return { kind: 'text', text: words };
}

export function list(...items: readonly string[]): Block {
  return { kind: 'list', items };
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): Block {
  return { kind: 'table', head, rows };
}

export function code(label: string, content: string): Block {
  return { kind: 'code', label, text: content };
}

/** A value as people read it. */
export function json(label: string, value: unknown): Block {
  return code(label, JSON.stringify(value, null, 2));
}

/** `native` and `participants.add` -> `native.participants.add`; nothing that a fragment would have to escape. */
export function idOf(...parts: readonly string[]): string {
  return parts.join('.').replace(/[^A-Za-z0-9._-]/g, '-');
}
