/** Texts that are kept beside conversations: in the clear, or sealed with the tenant's data key and bound to a place. */
import type { TenantId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import type { Place, Sealer } from './sealer.ts';

/** Where such a text is kept. `kind` keeps those of one table from opening in another. */
export interface KeptPlace {
  readonly tenant: TenantId;
  readonly kind: string;
  readonly id: string;
}

/** Its stored form; a Problem where it is to be sealed and cannot be. */
export async function keepText(
  sealer: Pick<Sealer, 'sealText'>,
  place: KeptPlace,
  text: string,
  isSealed: boolean,
): Promise<string | Problem> {
  if (!isSealed) return `c${text}`;
  const sealed = await sealer.sealText(refOf(place), bindingOf(place), text);
  return sealed instanceof Problem ? sealed : `s${sealed}`;
}

/** The text again; null: its key is gone, or it does not open. */
export async function openText(
  sealer: Pick<Sealer, 'opener'>,
  place: KeptPlace,
  stored: string,
): Promise<string | null | Problem> {
  const text = stored.slice(1);
  if (stored.startsWith('c')) return text;
  const opener = await sealer.opener(refOf(place), [text]);
  if (opener instanceof Problem) return opener;
  const opened = opener.text(text, bindingOf(place));
  return typeof opened === 'string' ? null : opened.text;
}

/** Sealed texts belong to a conversation; these belong to none. */
const refOf = ({ tenant, kind }: KeptPlace) => ({ tenant, service: null, conversation: kind });
const bindingOf = ({ kind, id }: KeptPlace): Place => [id, kind];
