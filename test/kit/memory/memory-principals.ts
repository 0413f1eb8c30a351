/** Principals and command contexts of a test, without an identity server. */
import type { CommandContext } from '../../../src/domain/command.ts';
import type { Principal, PrincipalKind, Scope } from '../../../src/domain/principal.ts';

const made = (id: string, kind: PrincipalKind, fields: Partial<Principal>): Principal => ({
  tenant: 'acme',
  id,
  kind,
  scopes: [],
  role: 'member',
  superAdmin: false,
  displayName: id,
  sid: `sid-${id}`,
  service: null,
  expiresAt: null,
  ...fields,
});

export const person = (id: string, fields: Partial<Principal> = {}): Principal => made(id, 'user', fields);
export const agent = (id: string, fields: Partial<Principal> = {}): Principal => made(id, 'agent', fields);
export const service = (id: string, fields: Partial<Principal> = {}): Principal =>
  made(id, 'service', fields);

export const interrupt: readonly Scope[] = ['cap:messaging.interrupt'];
export const route: readonly Scope[] = ['cap:messaging.route'];
export const everyControl: readonly Scope[] = [...interrupt, ...route];

/** A UUID that says which one it is: `…-000000000007`. */
export function uuid(number: number, version = 7): string {
  return `01900000-0000-${version}000-8000-${String(number).padStart(12, '0')}`;
}

export function contextOf(
  conversation: string,
  id: string,
  fields: Partial<CommandContext> = {},
): CommandContext {
  return { conversation, id, trace: null, dataClass: 'none', policyRef: null, env: null, ...fields };
}
