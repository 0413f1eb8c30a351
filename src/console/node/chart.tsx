/** A small line chart: an image with words for who does not see it, and the numbers as a table for who asks. */
import { measured } from '../shell/words.ts';
import { height, niceCeiling, pathOf, top, width } from './chart-path.ts';

export interface Series {
  readonly name: string;
  /** Oldest first; null: not known at that time. */
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly title: string;
  readonly unit: string;
  /** What it says, in a sentence. */
  readonly hint: string;
  /** One or two; the last is drawn over the others. */
  readonly series: readonly Series[];
  /** How many values fill the width. */
  readonly points: number;
}

export function Chart({ title, unit, hint, series, points }: ChartProps) {
  const highest = Math.max(...series.flatMap(({ values }) => values.map((value) => value ?? 0)), 0);
  const scale = niceCeiling(highest);
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-now">
          {series.map(({ name, values }, index) => (
            <span key={name}>
              {series.length > 1 && <small class={`series-${index}`}>{name}</small>}
              <b>{wordsOf(values.at(-1))}</b>
            </span>
          ))}
          <small class="chart-unit">{unit}</small>
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={altOf(title, unit, series)}
      >
        <path
          class="grid"
          d={`M0 ${top}H${width}M0 ${(height + top) / 2}H${width}M0 ${height - 0.5}H${width}`}
        />
        {series.map(({ name, values }, index) => (
          <path key={name} class={`curve series-${index}`} d={pathOf(values, points, scale)} />
        ))}
      </svg>
      <p class="chart-foot">
        <span>{hint}</span>
        <span class="chart-scale">to {measured(scale)}</span>
      </p>
    </figure>
  );
}

function wordsOf(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : measured(value);
}

function altOf(title: string, unit: string, series: readonly Series[]): string {
  const parts = series.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${name}: not known yet`;
    const range = `between ${measured(Math.min(...known))} and ${measured(Math.max(...known))}`;
    return `${name}: now ${wordsOf(values.at(-1))}, ${range}`;
  });
  return `${title}${unit === '' ? '' : `, ${unit}`}. ${parts.join('. ')}.`;
}
