/** Drafts as the core sees them: chunks that were sent as phi or secret are stored and republished sealed. */
import { type ConversationRef, isSealedClass } from '../../../domain/event.ts';
import { Problem } from '../../../domain/problem.ts';
import type { DraftChunk, DraftStore, StoredChunk } from '../../../ports/draft-store.ts';
import type { Opener, Place, Sealer } from '../sealer.ts';

export function sealedDraftStore(store: DraftStore, sealer: Sealer): DraftStore {
  return {
    async append(ref, chunk, expectLast) {
      if (!isSealedClass(chunk.data_class ?? 'none')) return await store.append(ref, chunk, expectLast);
      const sealed = await sealer.sealText(ref, placeOf(chunk), chunk.text);
      if (sealed instanceof Problem) return { kind: 'refused', problem: sealed };
      return await store.append(ref, { ...chunk, text: '', sealed }, expectLast);
    },

    close: (ref, draft) => store.close(ref, draft),

    async read(ref, message) {
      const stored = await store.read(ref, message);
      return stored instanceof Problem ? stored : await openChunks(sealer, ref, stored);
    },

    /** Whose draft it is: nobody needs its text. */
    first: (ref, message) => store.first(ref, message),
    drop: (ref, message) => store.drop(ref, message),
  };
}

const placeOf = ({ message_id, from, index }: DraftChunk): Place => [message_id, `draft ${from}-${index}`];

async function openChunks(
  sealer: Sealer,
  ref: ConversationRef,
  stored: readonly StoredChunk[],
): Promise<readonly StoredChunk[] | Problem> {
  const sealed = stored.flatMap(({ chunk }) => (chunk.sealed === undefined ? [] : [chunk.sealed]));
  if (sealed.length === 0) return stored;
  const opener = await sealer.opener(ref, sealed);
  if (opener instanceof Problem) return opener;
  return stored.map((one) => ({ ...one, chunk: openChunk(opener, one.chunk) }));
}

function openChunk(opener: Opener, chunk: DraftChunk): DraftChunk {
  const { sealed, ...rest } = chunk;
  if (sealed === undefined) return chunk;
  const opened = opener.text(sealed, placeOf(chunk));
  return typeof opened === 'string' ? rest : { ...rest, text: opened.text };
}

const [dot, quote, brace] = ['.', '"', '}'].map((one) => one.charCodeAt(0));

/** A chunk's sealed text is its last field, and ends in a dot and the 22 characters of its tag. */
export function endsSealed(body: Uint8Array): boolean {
  const { length } = body;
  return body[length - 25] === dot && body[length - 2] === quote && body[length - 1] === brace;
}

/** A republished chunk with its text; one that is not sealed as it is. */
export async function openPulse(
  sealer: Sealer,
  ref: ConversationRef,
  body: Uint8Array,
): Promise<Uint8Array | Problem> {
  const chunk = JSON.parse(new TextDecoder().decode(body)) as DraftChunk;
  if (chunk.sealed === undefined) return body;
  const opener = await sealer.opener(ref, [chunk.sealed]);
  return opener instanceof Problem
    ? opener
    : new TextEncoder().encode(JSON.stringify(openChunk(opener, chunk)));
}
