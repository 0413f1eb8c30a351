/** Schemas as JSON for the documents: a schema with a title becomes a component, named once and referred to. */
import type { TSchema } from '@sinclair/typebox';

export type JsonSchema = Record<string, unknown>;

/** The components of one document. A scope (the dialect's name) keeps equal titles of two APIs apart. */
export class SchemaComponents {
  readonly #components = new Map<string, JsonSchema>();

  /** The schema, or a reference to its component. Throws when one title of a scope means two things. */
  refer(schema: TSchema, scope: string): JsonSchema {
    const title = schema.title;
    const body = this.#copy(schema, scope) as JsonSchema;
    if (title === undefined) return body;
    const name = `${scope}.${title.replace(/[^A-Za-z0-9._-]/g, '_')}`;
    const known = this.#components.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(body)) {
      throw new Error(`Two schemas of ${scope} have the title ${title}`);
    }
    this.#components.set(name, body);
    return { $ref: `#/components/schemas/${name}` };
  }

  /** All components so far, sorted, so that a document does not change with the order of declarations. */
  all(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A plain copy without TypeBox's symbols; schemas inside it are referred to. */
  #copy(value: unknown, scope: string): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#inner(item, scope));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#inner(item, scope)]));
  }

  #inner(value: unknown, scope: string): unknown {
    const isTitled =
      typeof value === 'object' && value !== null && typeof (value as { title?: unknown }).title === 'string';
    return isTitled ? this.refer(value as TSchema, scope) : this.#copy(value, scope);
  }
}
