/** Lists of `parley admin`: a table for people, a line of JSON for each with `--json`. */
import type { Command } from 'commander';
import { formatMicros, type Micros } from '../../domain/time.ts';
import { columns, note, print, printJson, shown } from '../output.ts';

export type JsonOption = { readonly json?: boolean };

/** What all commands on one tenant take. */
export function withTenant(command: Command): Command {
  return command.requiredOption('--tenant <id>', 'the tenant (`parley admin tenants list`)');
}

/** The keys of the first row are the head of the table; nothing at all says so on a terminal only. */
export function printRows(
  rows: readonly Readonly<Record<string, unknown>>[],
  json: boolean | undefined,
): void {
  if (json === true) {
    for (const row of rows) printJson(row);
    return;
  }
  const [first] = rows;
  if (first === undefined) {
    if (process.stdout.isTTY) note('there are none');
    return;
  }
  const head = Object.keys(first).map((name) => name.toUpperCase());
  print(columns([head, ...rows.map((row) => Object.values(row).map(cell))]));
}

/** Of one thing: `name  value` lines, or JSON. */
export function printOne(one: Readonly<Record<string, unknown>>, json: boolean | undefined): void {
  if (json === true) printJson(one);
  else print(columns(Object.entries(one).map(([name, value]) => [name, cell(value)])));
}

export function timeOf(at: Micros | null): string | null {
  return at === null ? null : formatMicros(at);
}

function cell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  return shown(Array.isArray(value) ? value.join(',') : String(value));
}
