import type { Operation } from '../../contract/operation.ts';

/**
 * One operation at several addresses: the one that the server of ElizaOS has, and those of its document (eliza.md
 * §0). The documents show the first.
 */
export function alsoAt(operation: Operation, ...paths: readonly string[]): readonly Operation[] {
  const others = paths.map(
    (path, n): Operation => ({ ...operation, path, id: `${operation.id}.${n + 2}`, isAlias: true }),
  );
  return [operation, ...others];
}
