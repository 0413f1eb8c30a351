/** Proves architecture.md §6 on the sources themselves: the direction of imports, and what it rests on. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { folderOf, forbidden } from './kit/floors.ts';
import { findCycle, type Module, packageOf, parseModule, readModules, walk } from './kit/module-graph.ts';
import { repository } from './kit/temporary.ts';

const src = join(repository, 'src');
const modules = readModules(src);
const linesMax = 400;

t.test('imports only go down, type imports included', async (t) => {
  const found = modules.flatMap((module) => module.imports.map((imported) => forbidden(module, imported)));
  t.same(found.filter(Boolean), []);
});

t.test('every import of our own names a file that exists', async (t) => {
  const paths = new Set(modules.map(({ path }) => path));
  const missing = modules.flatMap(({ path, imports }) =>
    imports
      .filter(({ isOwn, target }) => isOwn && !paths.has(target))
      .map(({ target }) => `${path}: ${target}`),
  );
  t.same(
    missing.filter((line) => !line.endsWith('.json')),
    [],
  );
});

t.test('the module graph has no cycle', async (t) => {
  t.same(findCycle(modules), undefined);
});

t.test('each npm package but typebox is imported from one folder', async (t) => {
  const foldersOf = new Map<string, Set<string>>();
  for (const { path, imports } of modules) {
    for (const { target } of imports.filter(({ isOwn, target }) => !isOwn && !target.startsWith('node:'))) {
      const folders = foldersOf.get(packageOf(target)) ?? new Set();
      foldersOf.set(packageOf(target), folders.add(folderOf(path)));
    }
  }
  foldersOf.delete('@sinclair/typebox');
  const shared = [...foldersOf].filter(([, folders]) => folders.size > 1);
  t.same(
    shared.map(([name, folders]) => `${name}: ${[...folders].join(', ')}`),
    [],
  );
});

t.test(
  'every npm package imported in src is a dependency, and Node built-ins have their prefix',
  async (t) => {
    const { dependencies, peerDependencies, devDependencies } = JSON.parse(
      readFileSync(join(repository, 'package.json'), 'utf8'),
    );
    // What the console is made of is built into it: a node does not need it any more.
    const isBuilt = (path: string): boolean => path.startsWith('console/');
    const needed = { ...dependencies, ...peerDependencies };
    const unknown = modules.flatMap(({ path, imports }) =>
      imports
        .filter(({ isOwn, target }) => !isOwn && !target.startsWith('node:'))
        .map(({ target }) => packageOf(target))
        .filter((name) => !(name in (isBuilt(path) ? devDependencies : needed)))
        .map((name) => `${path}: ${name}`),
    );
    t.same(unknown, []);
  },
);

t.test('what browsers load of the client reaches no package and no built-in of Node', async (t) => {
  const found = new Set<string>();
  const follow = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    const imports = modules.find((module) => module.path === path)?.imports ?? [];
    for (const { target, isTypeOnly } of imports) if (!isTypeOnly) follow(target);
  };
  for (const { path } of modules)
    if (/^client\/(index|ai-sdk\/index|nats\/index)\.ts$/.test(path)) follow(path);
  t.ok(found.has('client/client.ts'), 'it follows imports');
  t.same(
    [...found].filter((path) => !path.startsWith('client/')),
    [],
  );
});

t.test('core and domain know no environment, clock, randomness or console', async (t) => {
  const found = modules.filter(({ path }) => /^(core|domain)\//.test(path)).flatMap(impurities);
  t.same(found, []);
});

t.test('ports hold types only', async (t) => {
  const found = modules.filter(({ path }) => path.startsWith('ports/')).flatMap(runtimeStatements);
  t.same(found, []);
});

t.test('nothing in src has a default export', async (t) => {
  t.same(
    modules.filter(hasDefaultExport).map(({ path }) => path),
    [],
  );
});

t.test(`no file in src is longer than ${linesMax} lines`, async (t) => {
  t.same(
    modules.filter(({ lines }) => lines > linesMax).map(({ path, lines }) => `${path}: ${lines}`),
    [],
  );
});

t.test('files and folders are kebab-case and none is named after nothing', async (t) => {
  const nothing = /^(utils?|helpers?|common|misc|types|lib|shared)$/;
  const names = modules.flatMap(({ path }) => path.replace(/\.tsx?$/, '').split('/'));
  t.same(
    [...new Set(names)].filter((name) => nothing.test(name) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)),
    [],
  );
});

const page = join(src, 'ARCHITECTURE.md');
t.test('every path that src/ARCHITECTURE.md names exists', { skip: !existsSync(page) }, async (t) => {
  const named = [...readFileSync(page, 'utf8').matchAll(/`([\w./-]+)`/g)].map(([, path = '']) => path);
  const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const ours = named
    .map((path) => path.replace(/^src\//, ''))
    .filter((path) => {
      return path.includes('/') && folders.some(({ name }) => path.startsWith(`${name}/`));
    });
  t.ok(ours.length > 0, 'it names paths');
  t.same(
    ours.filter((path) => !existsSync(join(src, path))),
    [],
  );
});

t.test('the rules above find what they forbid', async (t) => {
  const breaks = (path: string, text: string): boolean => {
    const module = parseModule(path, text);
    return module.imports.some((imported) => forbidden(module, imported) !== undefined);
  };
  t.ok(
    breaks('core/live/hub.ts', `import type { A } from '../../adapters/uws/server.ts'`),
    'a type of an adapter',
  );
  t.ok(breaks('core/bus.ts', `export { a } from '../contract/operation.ts'`), 'a re-export');
  t.ok(breaks('core/bus.ts', `import { join } from 'node:path'`), 'a built-in in core');
  t.ok(breaks('core/bus.ts', `type A = import('pino').Logger`), 'an import type');
  t.ok(breaks('adapters/uws/a.ts', `await import('../jetstream/b.ts')`), 'another adapter');
  t.ok(breaks('dialects/v2/a.ts', `import { Bus } from '../../core/bus.ts'`), 'a value of core');
  t.notOk(breaks('dialects/v2/a.ts', `import type { Bus } from '../../core/bus.ts'`), 'the type of the bus');
  t.ok(breaks('dialects/v2/a.ts', `import type { A } from '../symbia/a.ts'`), 'another dialect');
  t.notOk(breaks('dialects/index.ts', `export { v2 } from './v2/index.ts'`), 'the barrel');
  t.ok(breaks('client/a.ts', `import { a } from '../domain/a.ts'`), 'a value in the client');
  t.ok(breaks('console/a.tsx', `import { a } from '../domain/a.ts'`), 'a value of the domain in the console');
  t.notOk(breaks('console/a.tsx', `import { a } from '../client/index.ts'`), 'the console is a client');
  t.notOk(breaks('cli/a.ts', `import { a } from '../client/node.ts'`), 'commands use the client');
  t.ok(breaks('cli/a.ts', `import { a } from '../client/socket/link.ts'`), 'by its entry only');
  t.ok(breaks('lib/a.ts', `import { a } from '../domain/a.ts'`), 'an unknown folder');
  t.notOk(breaks('cli/serve.ts', `import { a } from '../core/a.ts'`), 'F4 knows everything');
  const cycle = [
    parseModule('a.ts', `import type { B } from './b.ts'`),
    parseModule('b.ts', `import './a.ts'`),
  ];
  t.same(findCycle(cycle), ['a.ts', 'b.ts', 'a.ts']);
  t.same(impurities(parseModule('core/a.ts', 'const a = Date.now() + Math.random()')).length, 2);
  t.same(runtimeStatements(parseModule('ports/a.ts', 'export const a = 1; export type B = 1')).length, 1);
});

function impurities({ path, source }: Module): string[] {
  const banned = new Set(['process.env', 'Date.now', 'Math.random', 'performance.now', 'crypto.randomUUID']);
  const found: string[] = [];
  walk(source, (node) => {
    const text = ts.isPropertyAccessExpression(node) ? node.getText() : '';
    const isBareDate =
      ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length;
    if (banned.has(text) || text.startsWith('console.') || isBareDate)
      found.push(`${path}: ${node.getText()}`);
  });
  return found;
}

function runtimeStatements({ path, source }: Module): string[] {
  const isType = (node: ts.Statement): boolean =>
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportDeclaration(node) || // the floors allow type imports only
    (ts.isExportDeclaration(node) && node.isTypeOnly);
  return source.statements
    .filter((node) => !isType(node))
    .map((node) => `${path}: ${node.getText().slice(0, 60)}`);
}

function hasDefaultExport({ source }: Module): boolean {
  return source.statements.some((node) => {
    if (ts.isExportAssignment(node)) return true;
    const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
    return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) ?? false;
  });
}
