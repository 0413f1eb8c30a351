/**
 * Identifiers. Ids made by Parley are UUIDv7 (time ordered); ids given to us keep their case,
 * except UUIDs, which compare without case and are therefore kept in lower case.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]?: Name };

export type TenantId = Branded<'tenant'>;
export type PrincipalId = Branded<'principal'>;
export type ConversationId = Branded<'conversation'>;
export type MessageId = Branded<'message'>;
export type EventId = Branded<'event'>;
export type ServiceId = Branded<'service'>;
export type NodeId = Branded<'node'>;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for any RFC 9562 textual UUID, whatever its version and case. */
export function isUuid(text: string): boolean {
  return text.length === 36 && uuidPattern.test(text);
}

/** UUIDs compare without case: the one form that is stored, or null when `text` is not a UUID. */
export function canonicalUuid(text: string): string | null {
  return isUuid(text) ? text.toLowerCase() : null;
}

/** True when a client's text is this id: UUIDs are compared without case, ids of other providers with it. */
export function isSpellingOf(text: string, id: string): boolean {
  return (canonicalUuid(text) ?? text) === id;
}

/**
 * Tenants made here have UUIDs; those of an external provider have any id that is one token of a NATS subject
 * as it stands, so that two tenants never share a subject.
 */
export function isTenantId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,255}$/.test(text);
}

/** Unix milliseconds inside a UUIDv7, or null for every other text: how a client_id tells its age. */
export function uuidv7TimeMs(text: string): number | null {
  if (text.length !== 36 || text[14] !== '7' || !uuidPattern.test(text)) return null;
  return Number.parseInt(text.slice(0, 8) + text.slice(9, 13), 16);
}
