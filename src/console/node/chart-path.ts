/** Values as a curve, in the units of a chart's own view box. */

export const [width, height, top] = [240, 56, 4] as const;

/** The newest value is at the right edge; where nothing is known the line has a gap. */
export function pathOf(values: readonly (number | null)[], points: number, scale: number): string {
  const step = width / (points - 1);
  const first = points - values.length;
  let path = '';
  let isDown = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      isDown = false;
      continue;
    }
    const x = ((first + index) * step).toFixed(1);
    const y = (height - 1 - (value / scale) * (height - 1 - top)).toFixed(1);
    path += `${isDown ? 'L' : 'M'}${x} ${y}`;
    // A single point is a short line back, or it would not be seen.
    if (!isDown && (values[index + 1] ?? null) === null) path += 'h-2';
    isDown = true;
  }
  return path;
}

/** 1, 2 or 5 times a power of ten, not below `value`. */
export function niceCeiling(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}
