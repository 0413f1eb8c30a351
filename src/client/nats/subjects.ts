/** Names of subjects, for those who subscribe to NATS directly (schemas/PROTOCOL.md, "Straight from NATS"). */
import type { EventKind } from '../../domain/event.ts';

export type { EventKind } from '../../domain/event.ts';

const safeToken = /^[A-Za-z0-9_-]+$/;
const noService = '_';

/** An id as one token of a subject: as it is when it is letters, digits, `-` and `_`, else base64url. */
export function token(id: string): string {
  return needsEncoding(id) ? base64url(id) : id;
}

/** The id of a token. */
export function untoken(text: string): string {
  return decoded(text) ?? text;
}

/** Which events; what is not named is any. */
export interface LiveFilter {
  readonly tenant: string;
  /** The service that a conversation was made for; null: made for none. */
  readonly service?: string | null;
  readonly conversation?: string;
  readonly kind?: EventKind;
}

/** `live.<tenant>.<service>.<conversation>.<kind>`: committed events. */
export function liveSubject({ tenant, service, conversation, kind }: LiveFilter): string {
  return `live.${token(tenant)}.${serviceToken(service)}.${conversation === undefined ? '*' : token(conversation)}.${kind ?? '*'}`;
}

export type PulseKind = 'typing' | 'presence' | 'read' | 'draft' | 'delta';

/** `pulse.<tenant>.<service>.<conversation>.<kind>`: volatile news, and deltas of streamed messages. */
export function pulseSubject(filter: Omit<LiveFilter, 'kind'> & { readonly kind?: PulseKind }): string {
  const { kind, ...where } = filter;
  return liveSubject(where)
    .replace(/^live/, 'pulse')
    .replace(/\*$/, kind ?? '*');
}

/** `inbox.<tenant>.<self>.<kind>`: one was added, removed, or what one was in was deleted. */
export function inboxSubject(
  tenant: string,
  self: string,
  kind: 'added' | 'removed' | 'deleted' | '*' = '*',
): string {
  return `inbox.${token(tenant)}.${token(self)}.${kind}`;
}

/** `api.<tenant>.<self>.<verb>`: requests. */
export function apiSubject(tenant: string, self: string, verb: string): string {
  return `api.${token(tenant)}.${token(self)}.${verb}`;
}

/** What to connect with as `inboxPrefix`: in any other inbox nothing is answered. */
export function inboxPrefix(self: string): string {
  return `_INBOX_${token(self)}`;
}

/** Whose events a live or pulse subject carries. Throws for another one. */
export function placeOf(subject: string): {
  readonly tenant: string;
  readonly service: string | null;
  readonly conversation: string;
  readonly kind: string;
} {
  const [first, tenant, service, conversation, kind, ...more] = subject.split('.');
  const isOne = (first === 'live' || first === 'pulse') && kind !== undefined && more.length === 0;
  if (!isOne) throw new Error(`${subject} is no subject of live events or pulses`);
  return {
    tenant: untoken(tenant ?? ''),
    service: service === noService ? null : untoken(service ?? ''),
    conversation: untoken(conversation ?? ''),
    kind,
  };
}

function serviceToken(service: string | null | undefined): string {
  if (service === undefined) return '*';
  return service === null ? noService : token(service);
}

/** Two ids never have the same token: one that looks like the token of another is encoded, too. */
function needsEncoding(id: string): boolean {
  return !safeToken.test(id) || id === noService || decoded(id) !== null;
}

function decoded(text: string): string | null {
  if (!safeToken.test(text)) return null;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    );
    const id = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return id !== '' && base64url(id) === text && needsEncoding(id) ? id : null;
  } catch {
    return null;
  }
}

function base64url(id: string): string {
  const bytes = new TextEncoder().encode(id);
  const chars = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(chars).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
