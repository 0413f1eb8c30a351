import type { EventId } from '../../domain/ids.ts';

/** A text that is stored sealed, and the event that it is bound to. */
export type StoredSeal = readonly [id: EventId, position: number, sealed: string];

/** Fields of a conversation that are stored sealed: empty in the row. */
export type SealedFields = { readonly [Field in 'name' | 'description' | 'metadata']?: StoredSeal };
