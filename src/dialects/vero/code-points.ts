/** Lengths as Vero has them: in code points, of which each has one or two code units. */

/** Exact up to `max`, else only more than that: nobody's long text is walked through. */
export function codePoints(text: string, max: number): number {
  return text.length > 2 * max ? text.length : [...text].length;
}

/** Most texts have fewer units than the bound has points: they are not walked through either. */
export function isLonger(text: string, max: number): boolean {
  return text.length > max && codePoints(text, max) > max;
}
