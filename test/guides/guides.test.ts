/** Every block of every document is executed, as a newcomer would paste it: a guide that cannot be run is wrong. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { declaredFrames } from '../../src/compose/documents/documents.ts';
import { guideFiles } from '../../src/compose/documents/guides.ts';
import { variables } from '../../src/config/variables.ts';
import { type Block, blocksOf, fileNameOf } from '../kit/guides/blocks.ts';
import { before, endless, shown, standIns } from '../kit/guides/exceptions.ts';
import { openNewcomer } from '../kit/guides/newcomer.ts';
import { type Outcome, runSession } from '../kit/guides/session.ts';
import { schemaCheck } from '../kit/json-schema-check.ts';
import { parseNatsConf } from '../kit/nats-conf.ts';
import { repository } from '../kit/temporary.ts';

t.setTimeout(480_000);

const documents = await allDocuments();
const place = await openNewcomer(t);
const shownHere = new Set<(typeof shown)[number]>();

for (const [file, blocks] of documents) {
  if (blocks.length === 0) continue;
  await t.test(file, async (t) => {
    const run = blocks.filter(({ language }) => language === 'sh' || language === 'js');
    const outcome = run.length === 0 ? null : await runSession(run, place);
    if (outcome !== null)
      t.equal(outcome.code, 0, `${file}:${outcome.lastLine}: ${outcome.stderr || 'a command failed'}`);
    for (const block of blocks) {
      const fault = checked(block, blocks, outcome);
      t.equal(fault, '', `${file}:${block.line}`);
    }
  });
}

t.test('what is done otherwise, or only looked at, is still there', async (t) => {
  const called = await place.called();
  for (const [name, { calls, instead }] of Object.entries(standIns)) {
    t.equal(called.filter((one) => one === name).length, calls, `${name} stands in documents so often`);
    for (const path of instead) t.ok(existsSync(join(repository, path)), path);
  }
  const texts = new Map(
    [...documents].map(([file, blocks]) => [file, blocks.map(({ text }) => text).join('\n')]),
  );
  for (const { file, line } of [...endless, ...before])
    t.ok(
      texts
        .get(file)
        ?.split('\n')
        .some((one) => one.startsWith(line)),
      `${file}: ${line}`,
    );
  for (const one of shown) if (texts.has(one.file)) t.ok(shownHere.has(one), `${one.file}: ${one.begins}`);
});

/** What is wrong with a block; '' when nothing is. */
function checked(block: Block, all: readonly Block[], outcome: Outcome | null): string {
  const { file, language, text } = block;
  const listed = shown.find((one) => one.file === file && text.startsWith(one.begins));
  if (listed !== undefined) {
    shownHere.add(listed);
    return '';
  }
  const name = fileNameOf(block);
  const isNamed = all.some((one) => one.language === 'sh' && name !== null && one.text.includes(name));
  switch (language) {
    case 'sh':
      return '';
    case 'js':
      // A newcomer saves it as its first line says, and starts it: nothing else gives it its token.
      if (name === null) return 'its first line does not say what to save it as: // name.mjs';
      return isNamed ? '' : `no command runs ${name}`;
    case 'text':
      return printedFault(block, all, outcome);
    case 'json':
      return jsonFault(text);
    case 'ini':
      return iniFault(text);
    case 'yaml':
      return thrown(() => parse(text));
    case 'conf':
      return thrown(() => parseNatsConf(text));
    default:
      return `nothing executes a block of '${language}'`;
  }
}

/** A block of text is what those before it printed, since the last such block: its lines, in their order. */
function printedFault({ line, text }: Block, all: readonly Block[], outcome: Outcome | null): string {
  const start = all.findLast((one) => one.language === 'text' && one.line < line)?.line ?? 0;
  const printed = [...(outcome?.printed ?? [])]
    .filter(([at]) => at > start && at < line)
    .flatMap(([, said]) => said.split('\n'));
  let from = 0;
  for (const expected of text.trimEnd().split('\n')) {
    const at = printed.indexOf(expected, from);
    if (at < 0) return `it did not print '${expected}', but: ${printed.join('\n')}`;
    from = at + 1;
  }
  return '';
}

/** One value, or one on each line; frames of the native socket are of their schema. */
function jsonFault(text: string): string {
  const values = parsedJson(text) ?? text.trimEnd().split('\n').map(parsedJson);
  for (const value of Array.isArray(values) ? values : [values]) {
    if (value === undefined) return 'it is no JSON';
    const { op, id, ...fields } = value as { op?: string; id?: string };
    if (op === undefined) continue;
    const declared = declaredFrames().find((frame) => frame.op === op);
    if (declared === undefined) return `there is no frame ${op}`;
    const fault = schemaCheck({})(declared.schema, filled(fields));
    if (fault !== '') return fault;
  }
  return '';
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a document leaves out stands for an id. */
function filled(fields: object): unknown {
  return JSON.parse(JSON.stringify(fields).replaceAll(/"[^"]*…"/g, '"0193a1f0-9c03-7d11-a2b6-4e6f8a01d932"'));
}

/** Lines of an environment, of variables that there are. */
function iniFault(text: string): string {
  const lines = text.trimEnd().split('\n');
  const known = new Set(Object.values(variables).map(({ name }) => name));
  const names = lines.map((line) => /^([A-Z][A-Z0-9_]*)=\S/.exec(line)?.[1] ?? line);
  return names.filter((name) => !known.has(name)).join(', ');
}

function thrown(read: () => unknown): string {
  try {
    read();
    return '';
  } catch (error) {
    return String(error);
  }
}

async function allDocuments(): Promise<ReadonlyMap<string, readonly Block[]>> {
  const deploy = (await readdir(join(repository, 'deploy'))).map((name) => `deploy/${name}`);
  const guides = (await readdir(join(repository, 'src/guides'))).map((name) => `src/guides/${name}`);
  const dialects = (await readdir(join(repository, 'src/dialects'), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `src/dialects/${name}/README.md`);
  const files = ['README.md', ...guides, ...guideFiles(), ...deploy, ...dialects];
  const markdown = [...new Set(files)].filter((file) => file.endsWith('.md'));
  const read = markdown.map(
    async (file) => [file, blocksOf(file, await readFile(join(repository, file), 'utf8'))] as const,
  );
  return new Map(await Promise.all(read));
}
