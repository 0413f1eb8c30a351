import type { Import, Module } from './module-graph.ts';

/**
 * What a folder may import, as architecture.md §6 has it. `values` are folders below src/ (`self`: its
 * own), `types` are those of which it may know types only, `npm` the packages; `node` says whether Node's
 * built-ins are allowed. `npm: 'own'` allows any package: that each is used by one folder is proven apart.
 */
type Floor = {
  readonly values: readonly string[];
  readonly types: readonly string[];
  readonly npm: readonly string[] | 'own';
  readonly node: boolean;
};

const typebox = ['@sinclair/typebox'];
const words: Floor = {
  values: ['self', 'domain', 'contract'],
  types: ['ports', 'core/bus.ts'],
  npm: typebox,
  node: false,
};
const everything: Floor = { values: [''], types: [], npm: 'own', node: true };

const floors: Readonly<Record<string, Floor>> = {
  domain: { values: ['self'], types: [], npm: typebox, node: false },
  ports: { values: [], types: ['self', 'domain'], npm: [], node: false },
  contract: { values: ['self', 'domain'], types: ['ports'], npm: typebox, node: false },
  core: { values: ['self', 'domain'], types: ['ports'], npm: [], node: false },
  adapters: { values: ['self', 'ports', 'domain', 'contract'], types: [], npm: 'own', node: true },
  dialects: words,
  ops: words,
  client: { values: ['self'], types: [''], npm: [], node: false },
  // What browsers run: a client like any other, and the pages around it.
  console: { values: ['self', 'client'], types: ['domain'], npm: ['preact', '@preact/signals'], node: false },
  cli: everything,
  config: everything,
  'main.ts': everything,
  'compose.ts': everything,
  compose: everything,
};

/** The folder that owns a module: `core`, `adapters/jetstream`, `dialects/symbia`, or the file at the top. */
export function folderOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  const hasInner = (first === 'adapters' || first === 'dialects') && path.split('/').length > 2;
  return hasInner ? `${first}/${second}` : first;
}

/** The one file of the client that browsers never load. */
const isOfNode = (path: string): boolean => path === 'client/node-web-socket.ts';

/** What the command line may import of the client: its entry, as programs do, and the socket of what measures. */
const forCommands: ReadonlySet<string> = new Set(['client/node.ts', 'client/node-web-socket.ts']);

/** Why `module` may not import `imported`, or undefined if it may. */
export function forbidden(module: Pick<Module, 'path'>, imported: Import): string | undefined {
  const folder = folderOf(module.path);
  // The barrel knows every dialect; that is what it is for.
  if (module.path === 'dialects/index.ts' && imported.target.startsWith('dialects/')) return undefined;
  if (isOfNode(module.path) && imported.target === 'ws') return undefined;
  // A type is gone when it is compiled: who has no AI SDK is not asked for one.
  if (folder === 'client' && imported.isTypeOnly && imported.target === 'ai') return undefined;
  const floor = floors[folder.split('/')[0] ?? ''];
  if (floor === undefined) return `${module.path}: no floor for ${folder}`;
  const isInside = folder === 'cli' && imported.target.startsWith('client/');
  if (isInside && !forCommands.has(imported.target)) return `${module.path} imports ${imported.target}`;
  const isAllowed = imported.isOwn
    ? mayImportOwn(floor, folder, imported)
    : mayImportForeign(floor, imported);
  if (isAllowed) return undefined;
  return `${module.path} imports ${imported.isTypeOnly ? 'types of ' : ''}${imported.target}`;
}

function mayImportOwn(floor: Floor, folder: string, { target, isTypeOnly }: Import): boolean {
  const within = (allowed: string): boolean => {
    const base = allowed === 'self' ? folder : allowed;
    return base === '' || target === base || target.startsWith(`${base}/`);
  };
  return floor.values.some(within) || (isTypeOnly && floor.types.some(within));
}

function mayImportForeign(floor: Floor, { target }: Import): boolean {
  if (target.startsWith('node:')) return floor.node;
  return floor.npm === 'own' || floor.npm.some((name) => target === name || target.startsWith(`${name}/`));
}
