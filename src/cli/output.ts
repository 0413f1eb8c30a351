/** What commands print: results on stdout, progress and advice on stderr, so that pipes get results only. */

import { once } from 'node:events';

/** Who read stdout has ended (`| head -1`): nothing that we print is seen any more. */
export class ReaderGone extends Error {}

let isReaderGone = false;
let tellReaderGone = (): void => undefined;
/** Rejects with ReaderGone when that is noticed, which a write does. For what only prints, and waits for more to print. */
export const readerGone = new Promise<never>((_resolve, reject) => {
  tellReaderGone = () => {
    isReaderGone = true;
    reject(new ReaderGone());
  };
});
readerGone.catch(() => undefined); // most commands do not ask

/**
 * From now on the end of a reader is no error: what is printed afterwards goes nowhere, and work that is for more than its
 * output (a backup, a node) is done to its end. Output that cannot be written for another reason (a full disk) is: 1.
 */
export function outliveReaders(): void {
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE') {
        if (stream === process.stdout) tellReaderGone();
        return;
      }
      if (stream === process.stdout && process.exitCode !== 1) note(`parley: the output is lost: ${message}`);
      process.exitCode = 1;
    });
  }
}

/** One line of a result. */
export function print(text: string): void {
  if (!isReaderGone) process.stdout.write(`${text}\n`);
}

/**
 * Resolves when what was printed is on its way: at once, unless the reader of stdout is slower than we are. Rejects with
 * ReaderGone when there is none any more.
 */
export async function printed(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain').catch(() => undefined);
  if (isReaderGone) throw new ReaderGone();
}

/** One line of JSON, as `--json` promises. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** Progress, advice and errors. A bar that stands there is written over. */
export function note(text: string): void {
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${text}\n`);
}

/**
 * Rows as columns of equal width, two spaces apart; the last column is not padded. A cell above `widthMax` moves what is
 * right of it, in its own row only.
 */
export function columns(
  rows: readonly (readonly string[])[],
  widthMax: number = Number.POSITIVE_INFINITY,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      if (cell.length <= widthMax) widths[index] = Math.max(widths[index] ?? 0, cell.length);
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
