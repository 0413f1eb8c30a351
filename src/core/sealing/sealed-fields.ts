/** Name, description and metadata of conversations whose events were sealed. */
import type { ConversationRef } from '../../domain/event.ts';
import { Problem } from '../../domain/problem.ts';
import type { SealedFields } from '../../ports/projection/stored-seal.ts';
import type { Sealer } from './sealer.ts';

type Field = keyof SealedFields;

interface Fields {
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The fields with those opened that are stored sealed. */
export async function openFields<T extends Fields>(
  sealer: Sealer,
  ref: ConversationRef,
  fields: T,
  sealed: SealedFields | undefined,
): Promise<T | Problem> {
  const seals = Object.entries(sealed ?? {}) as [Field, NonNullable<SealedFields[Field]>][];
  if (seals.length === 0) return fields;
  const opener = await sealer.opener(
    ref,
    seals.map(([, [, , text]]) => text),
  );
  if (opener instanceof Problem) return opener;
  const opened: Record<string, unknown> = {};
  for (const [field, [id, position, text]] of seals) {
    const found = opener.text(text, [id, position]);
    if (typeof found !== 'string') opened[field] = (JSON.parse(found.text) as Fields)[field];
    else if (field === 'metadata') opened[field] = { sealed: found };
  }
  return { ...fields, ...opened };
}
