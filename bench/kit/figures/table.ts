/** The table that a run prints. */
import type { Figure, Target, Unit } from './figure.ts';

export function formatTable(figures: readonly Figure[]): string {
  const header = [
    'scenario',
    'figure',
    'reference',
    'ratio',
    'must reach',
    'worth reaching',
    'verdict',
    'Parley',
  ];
  const rows = figures.map((one) => [
    one.what,
    formatValue(one.value, one.unit) + (one.spread === null ? '' : ` ±${Math.round(one.spread * 50)} %`),
    one.reference === null
      ? ''
      : `${formatValue(one.reference.value, one.unit)} ${one.reference.name.slice(0, 3)}`,
    one.ratio === null ? '' : one.ratio.toFixed(2),
    formatTarget(one, one.target.must),
    formatTarget(one, one.target.worth),
    one.verdict === 'WORTH' ? 'PASS +' : one.verdict,
    one.parleyMicros === null ? '' : `${one.parleyMicros.toFixed(one.parleyMicros < 10 ? 2 : 0)} µs`,
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  const details = figures.flatMap((one) => [
    `${one.name}: ${one.checked}`,
    `${' '.repeat(one.name.length)}  ${one.notes}`,
  ]);
  return [
    line(header),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    '',
    ...details,
  ].join('\n');
}

function formatTarget({ target, ratio, unit }: Figure, bound: number): string {
  const sign: Record<Target['kind'], string> = { max: '<=', min: '>=' };
  return `${sign[target.kind]} ${ratio === null ? formatValue(bound, unit) : `${bound} x`}`;
}

export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return `${value.toFixed(value < 10 ? 3 : 1)} ms`;
    case 's':
      return `${value.toFixed(2)} s`;
    case 'bytes':
      return `${(value / 1_024).toFixed(1)} KB`;
    case 'per_sec':
      return `${Math.round(value).toLocaleString('en-US')}/s`;
  }
}
