/** Finds the operation of a method and a path: a trie of segments, exact segments before parameters. */
import { type CompiledOperation, compileOperation } from '../../../contract/checking/compiled-operation.ts';
import { decodeText, type Pair } from '../../../contract/checking/parameters.ts';
import type { HttpDialect, Operation, RawInput, ReadInput } from '../../../contract/operation.ts';
import type { Problem } from '../../../domain/problem.ts';

export interface Route extends CompiledOperation {
  readonly dialect: HttpDialect;
  /** Where in the split path the parameters stand. */
  readonly parameterAt: readonly number[];
  /** The dialect's own; null: the front end reads. */
  readonly readInput: ((raw: RawInput) => ReadInput | Problem) | null;
}

/** The path exists, the method does not; `allow` is the header's value, without OPTIONS, which every path has. */
export interface WrongMethod {
  readonly allow: string;
  readonly dialect: HttpDialect;
}

export interface Router {
  /** `segments`: the raw path from splitPath(). Null: no such path. */
  readonly find: (method: string, segments: readonly string[]) => Route | WrongMethod | null;
  /** The dialect that words refusals of unknown paths: the longest prefix wins, null: none. */
  readonly dialectOf: (path: string) => HttpDialect | null;
  readonly routes: readonly Route[];
}

interface Node {
  readonly exact: Map<string, Node>;
  parameter: Node | null;
  readonly methods: Map<string, Route>;
}

/** Compiles all operations; throws when two of them answer the same requests. */
export function compileRouter(dialects: readonly HttpDialect[]): Router {
  const root = newNode();
  const routes = dialects.flatMap((dialect) =>
    dialect.operations.map((operation) => toRoute(dialect, operation)),
  );
  for (const route of routes) add(root, route);
  const prefixes = dialects
    .flatMap((dialect) => dialect.prefixes.map((prefix) => ({ dialect, prefix: prefix.replace(/\/$/, '') })))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return {
    routes,
    find: (method, segments) => {
      const wanted = method === 'HEAD' ? 'GET' : method;
      return search(root, segments, 0, wanted) ?? otherMethods(root, segments);
    },
    dialectOf: (path) => prefixes.find(({ prefix }) => isBelow(path, prefix))?.dialect ?? null,
  };
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || (path.startsWith(prefix) && path.charAt(prefix.length) === '/');
}

/** `/a/b/` -> `['a', 'b']`: one trailing slash is forgiven, as Express forgives it. */
export function splitPath(path: string): readonly string[] {
  const segments = path.slice(1).split('/');
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

/** The parameters of a route as they stand in the path; null when one is not percent-encoded UTF-8. */
export function pathPairs(route: Route, segments: readonly string[]): readonly Pair[] | null {
  const pairs: Pair[] = [];
  for (let index = 0; index < route.parameterAt.length; index++) {
    const text = decodeText(segments[route.parameterAt[index] ?? 0] ?? '');
    if (text === null) return null;
    pairs.push([route.parameterNames[index] ?? '', text]);
  }
  return pairs;
}

/** The same for who wants to say which one it is: null for that one. */
export function pathTexts(route: Route, segments: readonly string[]): RawInput['params'] {
  const text = (at: number): string | null => decodeText(segments[at] ?? '');
  return Object.fromEntries(route.parameterNames.map((name, n) => [name, text(route.parameterAt[n] ?? 0)]));
}

function toRoute(dialect: HttpDialect, operation: Operation): Route {
  const parameterAt = splitPath(operation.path).flatMap((segment, at) =>
    segment.startsWith(':') ? [at] : [],
  );
  const readInput = dialect.inputReader?.(operation) ?? null;
  return { ...compileOperation(operation), dialect, parameterAt, readInput };
}

function add(root: Node, route: Route): void {
  let node = root;
  for (const segment of splitPath(route.operation.path)) {
    if (segment.startsWith(':')) {
      node.parameter ??= newNode();
      node = node.parameter;
    } else {
      const next = node.exact.get(segment) ?? newNode();
      node.exact.set(segment, next);
      node = next;
    }
  }
  const { id, method } = route.operation;
  const other = node.methods.get(method);
  if (other !== undefined) throw new Error(`${id} and ${other.operation.id} answer the same requests`);
  node.methods.set(method, route);
}

function search(node: Node, segments: readonly string[], at: number, method: string): Route | null {
  if (at === segments.length) return node.methods.get(method) ?? null;
  const segment = segments[at] ?? '';
  const exact = node.exact.get(segment);
  const found = exact === undefined ? null : search(exact, segments, at + 1, method);
  if (found !== null || node.parameter === null || segment === '') return found;
  return search(node.parameter, segments, at + 1, method);
}

function otherMethods(root: Node, segments: readonly string[]): WrongMethod | null {
  const routes: Route[] = [];
  collect(root, segments, 0, routes);
  const first = routes[0];
  if (first === undefined) return null;
  const methods = new Set<string>(routes.map(({ operation }) => operation.method));
  if (methods.has('GET')) methods.add('HEAD');
  return { allow: [...methods].sort().join(', '), dialect: first.dialect };
}

function collect(node: Node, segments: readonly string[], at: number, routes: Route[]): void {
  if (at === segments.length) {
    routes.push(...node.methods.values());
    return;
  }
  const segment = segments[at] ?? '';
  const exact = node.exact.get(segment);
  if (exact !== undefined) collect(exact, segments, at + 1, routes);
  if (node.parameter !== null && segment !== '') collect(node.parameter, segments, at + 1, routes);
}

function newNode(): Node {
  return { exact: new Map(), parameter: null, methods: new Map() };
}
