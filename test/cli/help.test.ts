import type { Command } from 'commander';
import t from 'tap';
import { explanationOf } from '../../src/cli/help.ts';
import { allCommands } from '../../src/cli/program.ts';
import { openParleyThread } from '../kit/processes/parley-thread.ts';

const parley = openParleyThread(t);

const linesOf = (command: Command, parent: string): readonly (readonly [string, Command])[] => {
  const name = `${parent} ${command.name()}`.trim();
  return [[name, command], ...command.commands.flatMap((child) => linesOf(child, name))];
};

t.test('every command says what it does, with examples of commands that there are', async (t) => {
  const all = (await allCommands()).flatMap((command) => linesOf(command, ''));
  t.ok(all.length > 20);
  const byName = new Map(all);
  for (const [name, command] of all) {
    t.ok(command.description().length > 10, `${name} has a description`);
    t.ok(command.description().length < 100, `${name} says it in a line`);
    t.notMatch(command.description(), /[A-Z].*\.$/, `${name}: no sentence`);
    for (const option of command.options) t.ok(option.description.length > 5, `${name} ${option.flags}`);
    const isGroup = command.commands.length > 0;
    const { examples = [], json } = explanationOf(command) ?? {};
    if (!isGroup) t.ok(examples.length > 0, `${name} has an example`);
    const hasJson = command.options.some((option) => option.long === '--json');
    t.equal(json !== undefined, hasJson, `${name}: what --json prints is told`);
    for (const [line] of examples) {
      const words = line.split(/[ |>]/).filter((word) => word !== '');
      const named = [3, 2, 1].map((count) => words.slice(0, count).join(' ')).find((one) => byName.has(one));
      t.ok(named !== undefined, `parley ${line}`);
      const options = byName.get(named ?? '')?.options.map((option) => option.long) ?? [];
      const [ours = ''] = line.split(/ [|>] /);
      for (const asked of ours.match(/--[\w-]+/g) ?? []) t.ok(options.includes(asked), `${line}: ${asked}`);
    }
  }
});

t.test('--help of a command shows its examples, and that of all of them where to begin', async (t) => {
  const all = await parley(['--help']);
  t.equal(all.code, 0);
  for (const heading of [
    'Run it:',
    'Talk to a node:',
    'Look after a deployment:',
    'First steps',
    'Exit codes:',
  ])
    t.match(all.stdout, heading);
  const one = await parley(['replay', '--help']);
  t.equal(one.code, 0);
  t.match(one.stdout, /Examples:\n[\s\S]*parley replay --conversation ID/);
});

t.test('with --json an error is JSON, and nothing is printed that is no result', async (t) => {
  const wrong = await parley(['replay', '--json', '--nonsense']);
  t.equal(wrong.code, 2);
  t.equal(wrong.stdout, '');
  t.match(JSON.parse(wrong.stderr), { error: { message: /unknown option '--nonsense'/, exit_code: 2 } });
  const missing = await parley(['replay', '--json']);
  t.match(JSON.parse(missing.stderr), {
    error: { message: 'give --conversation, or --tenant', exit_code: 2 },
  });
  const away = await parley(['migrate', '--json'], { DATABASE_URL: 'postgres://127.0.0.1:1/x' });
  t.match(JSON.parse(away.stderr), { error: { message: /the migration failed/, exit_code: 1 } });
  const forPeople = await parley(['replay']);
  t.equal(forPeople.stderr, 'parley: give --conversation, or --tenant\n');
});
