import { parseArgs } from 'node:util';

export type Arguments = {
  readonly quick: boolean;
  readonly json: boolean;
  /** Names of scenarios; empty: all. */
  readonly only: readonly string[];
  /** Where Parley leaves a processor profile when it ends. */
  readonly profileDir: string | undefined;
};

export const usage = `Usage: node dist/bench/run.js [--quick] [--only NAME[,NAME]] [--json] [--cpu-prof DIR]

  --quick         less than a minute: short rounds, and without --only none of the slow scenarios (servers of others
                  that Parley is held against, logins, search over a million messages)
  --only NAMES    only these scenarios, separated by commas
  --json          print the report instead of the table
  --cpu-prof DIR  Parley writes a processor profile to DIR

Ends with 1 when a check fails or a figure falls short of what it must reach, with 2 on wrong arguments.`;

/** What a person typed is not in `usage`. */
export class WrongArguments extends Error {}

/** Throws WrongArguments with a sentence. */
export function readArguments(given: readonly string[], known: readonly string[]): Arguments {
  const values = parse(given);
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new WrongArguments(`no scenario ${unknown}; there are ${known.join(', ')}`);
  return { quick: values.quick, json: values.json, only, profileDir: values['cpu-prof'] };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        'cpu-prof': { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new WrongArguments((error as Error).message);
  }
}
