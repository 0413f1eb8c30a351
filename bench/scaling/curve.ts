/** What a scaling program leaves behind: rows in bench/results/scaling.json, curves in scaling-<name>.svg. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Closers } from '../kit/closers.ts';
import { drawPlots, type Panel } from '../kit/figures/plot.ts';
import { makeReport } from '../kit/figures/report.ts';
import { repository, type Stack } from '../kit/stack.ts';

/** Units are in the names: `deliveriesPerSec`, `ackP50Ms`. Absent: not measured there. */
export type Row = Readonly<Record<string, number>>;

export type Curve = {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly panels: readonly Panel[];
  /** What was proved meanwhile, and what a reader must know. */
  readonly notes: readonly string[];
};

export type ScalingContext = {
  /** Of this curve alone. */
  readonly stack: Stack;
  readonly closers: Closers;
  readonly isQuick: boolean;
  /** One round of a load. */
  readonly roundMs: number;
  readonly say: (line: string) => void;
};

export type Measure = { readonly name: string; readonly run: (context: ScalingContext) => Promise<Curve> };

/** A panel over one column of the rows, or several; `x` is the column that was varied. */
export function panelOf(
  title: string,
  rows: readonly Row[],
  x: { readonly column: string; readonly label: string; readonly scale?: 'linear' | 'log' },
  y: { readonly label: string; readonly scale?: 'linear' | 'log' },
  columns: Readonly<Record<string, string>>,
): Panel {
  const curves = Object.entries(columns).map(([column, name]) => ({
    name,
    points: rows.map((row) => [row[x.column] ?? Number.NaN, row[column] ?? Number.NaN] as const),
  }));
  const { column: _, ...across } = x;
  return { title, x: across, y, curves };
}

/** Writes plot and rows; those of other curves stay as they are. Answers the path of the rows. */
export async function writeCurve(
  name: string,
  curve: Curve,
  isQuick: boolean,
  tookSec: number,
): Promise<string> {
  const dir = join(repository, 'bench/results');
  await mkdir(dir, { recursive: true });
  const path = join(dir, 'scaling.json');
  const mode = isQuick ? 'quick' : 'full';
  const { at, commit, machine, node } = await makeReport({ mode, tookSec, figures: [], failures: [] });
  const others = JSON.parse(await readFile(path, 'utf8').catch(() => '{}')) as object;
  const { title, rows, notes, panels } = curve;
  const all = { ...others, [name]: { title, at, mode, commit, machine, node, tookSec, notes, rows } };
  await writeFile(path, `${JSON.stringify(all, null, 2)}\n`);
  await writeFile(join(dir, `scaling-${name}.svg`), drawPlots(title, panels));
  return path;
}

export function formatRows(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [
    columns,
    ...rows.map((row) => columns.map((column) => (row[column] === undefined ? '' : shown(row[column])))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]!.length)));
  return cells.map((line) => line.map((cell, at) => cell.padStart(widths[at]!)).join('  ')).join('\n');
}

function shown(value: number): string {
  return Math.abs(value) < 10 && !Number.isInteger(value)
    ? value.toFixed(2)
    : Math.round(value).toLocaleString('en-US');
}
