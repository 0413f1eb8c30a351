import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

export type Import = {
  /** A path below src/ for our own modules, else the specifier as written (`node:fs`, a package). */
  readonly target: string;
  readonly isOwn: boolean;
  readonly isTypeOnly: boolean;
};

export type Module = {
  /** Path below src/, with forward slashes. */
  readonly path: string;
  readonly lines: number;
  readonly source: ts.SourceFile;
  readonly imports: readonly Import[];
};

/** Every TypeScript module below `src`, with everything it imports, type imports included. */
export function readModules(src: string): Module[] {
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => parseModule(path, readFileSync(join(src, path), 'utf8')));
}

/** Parses one module, named by its path below src/. */
export function parseModule(path: string, text: string): Module {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  walk(source, (node) => {
    const found = importIn(node);
    if (found === undefined) return;
    const isOwn = found.specifier.startsWith('.');
    const target = isOwn ? join(dirname(path), found.specifier) : found.specifier;
    imports.push({ target, isOwn, isTypeOnly: found.isTypeOnly });
  });
  return { path, lines: text.trimEnd().split('\n').length, source, imports };
}

/** Visits every node below `node`. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** The npm package of a specifier: `@scope/name/deep` and `name/deep` without what is inside. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** One cycle of the module graph as a list of paths that ends where it begins; undefined if there is none. */
export function findCycle(modules: readonly Module[]): string[] | undefined {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] | undefined => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) return [...trail.slice(seenAt), path];
    if (finished.has(path)) return undefined;
    for (const { target, isOwn } of byPath.get(path)?.imports ?? []) {
      const cycle = isOwn ? visit(target, [...trail, path]) : undefined;
      if (cycle !== undefined) return cycle;
    }
    finished.add(path);
    return undefined;
  };
  for (const { path } of modules) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function importIn(node: ts.Node): { specifier: string; isTypeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const { moduleSpecifier } = node;
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return undefined;
    return { specifier: moduleSpecifier.text, isTypeOnly: isTypeOnly(node) };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const { literal } = node.argument;
    return ts.isStringLiteral(literal) ? { specifier: literal.text, isTypeOnly: true } : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    if (argument !== undefined && ts.isStringLiteralLike(argument)) {
      return { specifier: argument.text, isTypeOnly: false };
    }
  }
  return undefined;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}
