/**
 * The name that a principal's connection has on the server: who it is and what it may see, so that any node
 * finds the connections that a revocation concerns. Ids only; the server shows it in its monitoring.
 */
import type { PrincipalId, ServiceId, TenantId } from '../../../domain/ids.ts';
import { hasScope, type Principal, type PrincipalKind } from '../../../domain/principal.ts';
import { token, untoken } from '../subjects.ts';

/** Which conversations a connection may follow: none, all of its tenant, or those of one service. */
export type View =
  | { readonly of: 'none' }
  | { readonly of: 'tenant' }
  | { readonly of: 'service'; readonly service: ServiceId };

export interface ClientName {
  readonly tenant: TenantId;
  readonly id: PrincipalId;
  readonly kind: PrincipalKind;
  /** Session or API key that it came in with. */
  readonly sid: string;
  readonly view: View;
  /** Vouched for by an identity provider: its connection is short, and only its own node could ask again. */
  readonly isExternal: boolean;
}

/** Membership changes faster than permissions of NATS, so only services that observe follow here. */
export function viewOf(principal: Principal): View {
  if (principal.kind !== 'service' || !hasScope(principal, 'cap:messaging.observe')) return { of: 'none' };
  return principal.service === null ? { of: 'tenant' } : { of: 'service', service: principal.service };
}

export function clientNameOf(principal: Principal): string {
  const { tenant, id, kind, sid } = principal;
  const mark = principal.recheckAt === undefined ? 'principal' : 'external';
  return [mark, token(tenant), token(id), kind, token(sid), viewText(viewOf(principal))].join('.');
}

/** Null for what is not the name of a principal's connection: Parley's own users. */
export function parseClientName(text: string): ClientName | null {
  const parts = text.split('.');
  const [mark, tenant = '', id = '', kind = '', sid = '', view = ''] = parts;
  const isExternal = mark === 'external';
  if ((mark !== 'principal' && !isExternal) || parts.length !== 6 || !isKind(kind)) return null;
  const ids = { tenant: untoken(tenant), id: untoken(id), sid: untoken(sid) };
  return { ...ids, kind, view: parseView(view), isExternal };
}

export function isSameView(one: View, other: View): boolean {
  return viewText(one) === viewText(other);
}

/** `*` and `-`: none is the token of a service's id, whose first character here is `=`. */
function viewText(view: View): string {
  if (view.of === 'service') return `=${token(view.service)}`;
  return view.of === 'tenant' ? '*' : '-';
}

function parseView(text: string): View {
  if (text.startsWith('=')) return { of: 'service', service: untoken(text.slice(1)) };
  return text === '*' ? { of: 'tenant' } : { of: 'none' };
}

function isKind(text: string): text is PrincipalKind {
  return text === 'user' || text === 'agent' || text === 'service';
}
