/** `$ref`s of a document that lead nowhere in it. */
export function danglingReferences(document: unknown): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === '$ref' && typeof inner === 'string' && resolve(document, inner) === undefined)
        found.push(inner);
      visit(inner);
    }
  };
  visit(document);
  return found;
}

function resolve(document: unknown, reference: string): unknown {
  return reference
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>(
      (at, key) => (at as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/')],
      document,
    );
}
