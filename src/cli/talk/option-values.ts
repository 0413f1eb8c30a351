/** Values of options, checked where they are read: a wrong one is a usage error (exit code 2). */
import { InvalidArgumentError } from 'commander';

/** A whole number >= 0: a position. */
export function positionOption(text: string): number {
  return wholeNumber(text, 0, Number.MAX_SAFE_INTEGER);
}

export function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    const range = max === Number.MAX_SAFE_INTEGER ? `${min} on` : `${min} to ${max}`;
    throw new InvalidArgumentError(`a whole number from ${range} is wanted`);
  }
  return value;
}
