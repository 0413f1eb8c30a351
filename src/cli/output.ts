/** What commands print: results on stdout, progress and advice on stderr, so that pipes get results only. */

import { once } from 'node:events';

/** One line of a result. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Resolves when what was printed is on its way: at once, unless the reader of stdout is slower than we are. */
export async function printed(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
}

/** One line of JSON, as `--json` promises. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** Progress, advice and errors. A bar that stands there is written over. */
export function note(text: string): void {
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${text}\n`);
}

/** Rows as columns of equal width, two spaces apart; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  }
  const line = (row: readonly string[]): string =>
    row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('  ');
  return rows.map(line).join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be taken out
const terminalControls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text of others, safe to show: no escape sequence of theirs reaches the terminal. */
export function shown(text: string): string {
  return text.replace(terminalControls, '\u{fffd}');
}
