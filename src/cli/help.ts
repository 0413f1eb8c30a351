/** What `--help` says beyond the options: examples that can be pasted, and what `--json` prints. Read by schemas/cli.md, too. */
import type { Command } from 'commander';

export interface Explanation {
  /** Command lines without `parley`, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** What `--json` prints, for commands that have it. */
  readonly json?: string;
  /** What a newcomer has to know before. */
  readonly notes?: readonly string[];
}

const explanations = new WeakMap<Command, Explanation>();

/** Adds examples and the rest below the options. Answers the command, as the methods of commander do. */
export function explain(command: Command, explanation: Explanation): Command {
  explanations.set(command, explanation);
  return command.addHelpText('after', () => `\n${helpTextOf(command, explanation).join('\n')}`);
}

export function explanationOf(command: Command): Explanation | undefined {
  return explanations.get(command);
}

function helpTextOf(command: Command, { examples, json, notes = [] }: Explanation): readonly string[] {
  const wrapped = (text: string): string => command.createHelp().boxWrap(text, screenWidth);
  const width = Math.max(0, ...examples.map(([line]) => line.length)) + 'parley '.length;
  // Beside each other where that fits a terminal, else below each other.
  const isNarrow = width > widthMax;
  const shownExamples = examples.flatMap(([line, does]) =>
    isNarrow ? [`  # ${does}`, `  parley ${line}`] : [`  ${`parley ${line}`.padEnd(width)}  # ${does}`],
  );
  return [
    ...notes.map((one) => `${wrapped(one)}\n`),
    ...(examples.length === 0 ? [] : ['Examples:', ...shownExamples, '']),
    ...(json === undefined ? [] : [wrapped(`With --json: ${json}`)]),
  ];
}

const widthMax = 56;
const screenWidth = 80;

/** Below the list of all commands. */
export const firstSteps = `
First steps (in the repository, \`parley\` is \`node dist/src/main.js\`):
  parley dev                 # a node with its own nats-server and PostgreSQL on http://127.0.0.1:3000
  parley send "hello"        # in a second terminal: into a new conversation
  parley tail                # follows all that the administrator sees
  parley doctor              # is something wrong, and what is to be done?

A command finds the running \`parley dev\` by itself. For other servers set NATS_URL, NATS_CREDS and DATABASE_URL (see
\`parley check-config\`), or PARLEY_URL and PARLEY_TOKEN for what talks to a node.

Exit codes: 0 done, 1 failed, 2 called wrongly. With --json, results are JSON on stdout (one document, or a line for each),
and an error is the last line on stderr: {"error":{"message":…,"exit_code":…}}. \`parley COMMAND --help\` has examples.
`;
