/** Which scopes a role or a key holds when nobody says otherwise (common.md, "People and tenants"). */
import { type Scope, scopes, type TenantRole } from './principal.ts';

const administratorScopes: readonly Scope[] = [
  'cap:messaging.interrupt',
  'cap:messaging.route',
  'cap:messaging.observe',
];

/** What a person may do: the scopes of the role and those granted to it, each once. */
export function scopesOf(role: TenantRole, granted: readonly Scope[]): readonly Scope[] {
  if (role === 'member') return granted;
  return [...new Set([...administratorScopes, ...granted])];
}

/** Scopes of an API key for which none were given. */
export function scopesOfNewKey(kind: 'agent' | 'service'): readonly Scope[] {
  return kind === 'service' ? scopes : [];
}
