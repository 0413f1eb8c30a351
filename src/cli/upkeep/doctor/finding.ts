import { sentenceOf } from '../../failure.ts';

/** One line of `parley doctor`. */
export interface Finding {
  readonly check: string;
  /** `fail`: a node would not work, or not be safe. `warn`: it works, but not for long or not well. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do; with everything that is not `ok`. */
  readonly remedy?: string;
}

/** What a check found; one that cannot be made is a finding, too, and does not hide the others. */
export async function guarded(
  check: string,
  run: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await run();
  } catch (error) {
    const remedy = 'this check could not be made: mend what the others say, and ask again';
    return [{ check, status: 'fail', found: sentenceOf(error), remedy }];
  }
}

/** `3.2 GB`: of disks and stores. */
export function bytesInWords(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  for (; value >= 1_000 && unit < units.length - 1; unit++) value /= 1_000;
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
