import type { Operation } from '../../contract/operation.ts';

/** Bytes of a JSON body (vero.md §1). */
const bodyBytesMax = 262_144;

/** What all operations of Vero ask of a body, also those that take none: its size, and that it is an object. */
export function withBodyRules(operation: Operation): Operation {
  if (operation.streamsBody === true) return operation;
  return { ...operation, bodyBytesMax, refusesNonObjects: true };
}
