/** The declared lines are what the sources write: message, level and fields of every call of a logger. */
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { allLines, lineGroups } from '../../../src/adapters/pino/declared/all-lines.ts';
import { alwaysFields, logFields, ownFields } from '../../../src/adapters/pino/declared/fields.ts';
import { type Module, parseModule, readModules, walk } from '../../kit/module-graph.ts';
import { repository } from '../../kit/temporary.ts';

interface Written {
  /** `path:line`. */
  readonly at: string;
  readonly level: string;
  /** Null: it is no constant. */
  readonly message: string | null;
  /** Names that stand there; null: they cannot be told. */
  readonly names: readonly string[] | null;
  /** Others come with something that is spread. */
  readonly hasMore: boolean;
}

const levels = ['debug', 'info', 'warn', 'error'];
/** They pass lines on, too. */
const passing = new Set([
  'adapters/pino/pino-logger.ts',
  'compose/servers/tracing-side.ts',
  'compose/projector/projector-side.ts',
]);

function linesWritten(modules: readonly Module[]): readonly Written[] {
  const found: Written[] = [];
  for (const { path, source } of modules)
    walk(source, (node) => {
      if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return;
      const level = ts.isPropertyAccessExpression(node) ? node.name.text : '(any)';
      if (!/^#?(log|logger)$/.test(lastName(node.expression))) return;
      if (level !== '(any)' && !levels.includes(level)) return;
      const at = `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
      const call = ts.isCallExpression(node.parent) && node.parent.expression === node ? node.parent : null;
      found.push({ at, level, ...writtenBy(call) });
    });
  return found;
}

function writtenBy(call: ts.CallExpression | null): Pick<Written, 'message' | 'names' | 'hasMore'> {
  const [fields, message] = call?.arguments ?? [];
  const said = message !== undefined && ts.isStringLiteralLike(message) ? message.text : null;
  if (fields === undefined || !ts.isObjectLiteralExpression(fields))
    return { message: said, names: null, hasMore: true };
  const named = fields.properties.filter((property) => !ts.isSpreadAssignment(property));
  const names = named.map(({ name }) => (name !== undefined && ts.isIdentifier(name) ? name.text : '?'));
  return { message: said, names, hasMore: named.length < fields.properties.length };
}

function lastName(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : '';
}

/** What is wrong with a call; '' when it is as declared. */
function fault({ at, level, message, names, hasMore }: Written): string {
  if (message === null) return `${at}: its message is no constant`;
  const line = Object.hasOwn(allLines, message) ? allLines[message] : undefined;
  if (line === undefined) return `${at}: '${message}' is not declared in src/adapters/pino/declared`;
  if (line.level !== level) return `${at}: declared as ${line.level}`;
  if (names === null) return `${at}: its fields are no object literal`;
  const { fields = [], sometimes = [] } = line;
  const known = new Set<string>([...fields, ...sometimes]);
  const foreign = names.filter((name) => !known.has(name));
  if (foreign.length > 0) return `${at}: '${message}' has no ${foreign.join(', ')}`;
  const missing = hasMore ? [] : fields.filter((name) => !names.includes(name));
  return missing.length === 0 ? '' : `${at}: '${message}' lacks ${missing.join(', ')}`;
}

const modules = readModules(join(repository, 'src')).filter(({ path }) => !/^(client|console)\//.test(path));
const written = linesWritten(modules).filter(
  ({ at, message }) => message !== null || !passing.has(at.split(':')[0] ?? ''),
);

t.test('every line that is written is declared, with its level and its fields', async (t) => {
  t.ok(written.length > 100, `${written.length} calls were found`);
  t.same(written.map(fault).filter(Boolean), []);
});

t.test('every declared line is written somewhere, and said once', async (t) => {
  const said = new Set(written.map(({ message }) => message));
  t.same(
    Object.keys(allLines).filter((message) => !said.has(message)),
    [],
  );
  const all = lineGroups.flatMap(({ lines }) => Object.keys(lines));
  t.equal(new Set(all).size, all.length);
});

t.test('every declared field is on some line, and none is named as what every line has', async (t) => {
  const used = new Set(
    Object.values(allLines).flatMap(({ fields = [], sometimes = [] }) => [...fields, ...sometimes]),
  );
  t.same(
    Object.keys(logFields).filter((name) => !used.has(name as keyof typeof logFields)),
    [],
  );
  t.same(
    Object.keys(logFields).filter((name) => Object.hasOwn(ownFields, name)),
    [],
  );
  for (const name of alwaysFields) t.ok(name in ownFields);
});

t.test('it finds what is wrong', async (t) => {
  const source = `
    log.info({ url, node }, 'listening');
    this.#log?.warn({ url }, 'listening');
    deps.logger.info({ url, token, ...more }, 'listening');
    logger.error({}, 'never said');
    logger.error({ url }, message);
    logger.info(fields, 'listening');
    run(logger.error);
  `;
  const faults = linesWritten([parseModule('x.ts', source)]).map(fault);
  t.equal(faults.length, 7);
  t.match(faults, [
    /^$/,
    /declared as info/,
    /has no token/,
    /is not declared/,
    /no constant/,
    /no object literal/,
    /no constant/,
  ]);
});
