/** Curves of a measurement as one SVG file: panels below each other, each with axes of its own. */

export type Point = readonly [x: number, y: number];

export type Curve = { readonly name: string; readonly points: readonly Point[] };

export type Axis = {
  /** With the unit: `memory of the node, MB`. */
  readonly label: string;
  /** Default linear. Logarithmic axes leave out what is not above 0. */
  readonly scale?: 'linear' | 'log';
  /** A linear axis begins at 0 unless this is false. */
  readonly fromZero?: boolean;
};

/** A part of the x axis that is shaded and named, as a phase of a long run. */
export type Span = { readonly name: string; readonly from: number; readonly to: number };

export type Panel = {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly Curve[];
  readonly spans?: readonly Span[];
};

const width = 860;
const panelHeight = 300;
const margin = { left: 80, right: 190, top: 44, bottom: 52 } as const;
const colours = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#17becf'] as const;
const dotsMax = 60;

/** One SVG document; colours repeat after six curves of a panel. Points that are not finite are left out. */
export function drawPlots(title: string, panels: readonly Panel[]): string {
  const height = 36 + panels.length * panelHeight;
  const drawn = panels.map((panel, index) => {
    return `<g transform="translate(0 ${36 + index * panelHeight})">\n${drawPanel(panel)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    text(16, 24, title, 'font-size="16" font-weight="bold"'),
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

/** Where a value of an axis is drawn, and the values that it names. */
type Placed = { readonly at: (value: number) => number; readonly ticks: readonly number[] };

function drawPanel({ title, x, y, curves, spans = [] }: Panel): string {
  const shown = curves.map(({ name, points }) => ({
    name,
    points: points.filter(([px, py]) => isShown(px, x) && isShown(py, y)),
  }));
  const all = shown.flatMap(({ points }) => points);
  const bottom = panelHeight - margin.bottom;
  const right = width - margin.right;
  const heading = text(margin.left, 20, title, 'font-weight="bold"');
  if (all.length === 0) return `${heading}\n${text(margin.left, 50, 'no values')}`;
  const across = place(
    all.map(([px]) => px),
    x,
    margin.left,
    right,
  );
  const up = place(
    all.map(([, py]) => py),
    y,
    bottom,
    margin.top,
  );
  return [
    heading,
    ...spans.map((span) => drawSpan(span, across, bottom)),
    ...across.ticks.flatMap((tick) => [
      line(across.at(tick), margin.top, across.at(tick), bottom),
      text(across.at(tick), bottom + 16, formatTick(tick), 'text-anchor="middle"'),
    ]),
    ...up.ticks.flatMap((tick) => [
      line(margin.left, up.at(tick), right, up.at(tick)),
      text(margin.left - 8, up.at(tick) + 4, formatTick(tick), 'text-anchor="end"'),
    ]),
    text((margin.left + right) / 2, bottom + 36, x.label, 'text-anchor="middle"'),
    text(
      0,
      0,
      y.label,
      `text-anchor="middle" transform="translate(18 ${(margin.top + bottom) / 2}) rotate(-90)"`,
    ),
    ...shown.map((curve, index) => drawCurve(curve, index, across, up)),
  ].join('\n');
}

function drawSpan({ name, from, to }: Span, across: Placed, bottom: number): string {
  const [left, right] = [across.at(from), across.at(to)];
  return [
    `<rect x="${left.toFixed(1)}" y="${margin.top}" width="${(right - left).toFixed(1)}" height="${bottom - margin.top}" fill="#f3e9d8"/>`,
    text((left + right) / 2, margin.top - 6, name, 'text-anchor="middle" font-size="10" fill="#7a5c20"'),
  ].join('\n');
}

function drawCurve({ name, points }: Curve, index: number, across: Placed, up: Placed): string {
  const colour = colours[index % colours.length];
  const placed = points.map(([x, y]) => [across.at(x).toFixed(1), up.at(y).toFixed(1)] as const);
  const dots = placed.length > dotsMax ? [] : placed;
  const legend = margin.top + 12 + index * 18;
  return [
    `<polyline fill="none" stroke="${colour}" stroke-width="1.8" points="${placed.map((at) => at.join(',')).join(' ')}"/>`,
    ...dots.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`),
    `<rect x="${width - margin.right + 14}" y="${legend - 9}" width="12" height="4" fill="${colour}"/>`,
    text(width - margin.right + 32, legend, name),
  ].join('\n');
}

function isShown(value: number, axis: Axis): boolean {
  return Number.isFinite(value) && (axis.scale !== 'log' || value > 0);
}

function place(values: readonly number[], axis: Axis, from: number, to: number): Placed {
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const ticks =
    axis.scale === 'log'
      ? logTicks(least, most)
      : linearTicks(axis.fromZero === false ? least : Math.min(0, least), most);
  const measure = axis.scale === 'log' ? Math.log10 : (value: number): number => value;
  const [low, high] = [measure(ticks[0]!), measure(ticks.at(-1)!)];
  return { ticks, at: (value) => from + ((measure(value) - low) / (high - low)) * (to - from) };
}

/** Five or so round values that enclose both; at least two. */
export function linearTicks(least: number, most: number): readonly number[] {
  const span = most - least || Math.abs(most) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= span / 5) ?? 10);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
  // Multiplied and not added up, so that 0.3 is not 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));
}

/** Powers of ten that enclose both; at least two. */
export function logTicks(least: number, most: number): readonly number[] {
  const first = Math.floor(Math.log10(least) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(most) - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, n) => 10 ** (first + n));
}

/** 1,500 -> 1.5k. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
  if (size >= 1e3) return `${Number((value / 1e3).toPrecision(4))}k`;
  return `${Number(value.toPrecision(4))}`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="#ddd"/>`;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
