/** What a refused row means: the unique index that refused it says which rule it broke. */
import { Problem } from '../../../domain/problem.ts';
import { isUniqueViolation } from '../sql-state.ts';

const refusals: Readonly<Record<string, () => Problem>> = {
  credentials_pkey: () =>
    new Problem('conflict', 'This e-mail address is already in use.', { reason: 'email_taken' }),
  principals_pkey: () => new Problem('conflict', 'This id is already in use.', { reason: 'id_taken' }),
};

/**
 * Waits for statements of a transaction; what a unique index of the table above refuses is thrown as its
 * Problem, which rolls back, and every other error as it is.
 */
export async function refusingDuplicates<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const index = (error as { readonly constraint_name?: string }).constraint_name ?? '';
    const refusal = refusals[index];
    if (refusal === undefined) throw error;
    throw refusal();
  }
}
