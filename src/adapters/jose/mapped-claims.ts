/** Claims of a verified external token as a principal, by a configurable mapping. */
import type { JWTPayload } from 'jose';
import {
  scopes as knownScopes,
  type PrincipalKind,
  type Scope,
  type TenantRole,
} from '../../domain/principal.ts';
import type { ClaimMapping, VouchedPrincipal } from '../../ports/identity/external-identity.ts';

/** Null when it names nobody. */
export function mapClaims(
  payload: JWTPayload,
  mapping: ClaimMapping,
): Omit<VouchedPrincipal, 'expiresAt' | 'recheckAt'> | null {
  const text = (names: readonly string[]): string | null =>
    names.map((name) => claim(payload, name)).find(isText) ?? null;
  const id = text(mapping.id);
  if (id === null) return null;
  const kind = kindOf(wordsOf(payload, mapping.kind));
  const isPerson = kind === 'user';
  return {
    id,
    kind,
    tenant: text(mapping.tenant),
    tenantName: text(mapping.tenant_name),
    displayName: text(mapping.name),
    role: isPerson ? roleOf(wordsOf(payload, mapping.role)) : 'member',
    scopes: scopesAmong(wordsOf(payload, mapping.scopes)),
    superAdmin: isPerson && mapping.super_admin.some((name) => claim(payload, name) === true),
    service: text(mapping.service),
    isInNameOfPerson: false,
  };
}

/** The claim of that very name (`https://acme.example/org` has dots), else the claim inside of a claim. */
function claim(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

/** What all of these claims hold: texts in arrays, or separated by spaces. */
function wordsOf(payload: JWTPayload, names: readonly string[]): ReadonlySet<string> {
  const words = names.flatMap((name) => {
    const value = claim(payload, name);
    if (typeof value === 'string') return value.split(' ');
    return Array.isArray(value) ? value.filter(isText) : [];
  });
  return new Set(words);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Whoever is not said to be a program is a person. */
function kindOf(words: ReadonlySet<string>): PrincipalKind {
  if (words.has('agent') || words.has('bot')) return 'agent';
  return words.has('service') ? 'service' : 'user';
}

function roleOf(words: ReadonlySet<string>): TenantRole {
  if (words.has('owner')) return 'owner';
  return words.has('admin') ? 'admin' : 'member';
}

function scopesAmong(words: ReadonlySet<string>): readonly Scope[] {
  return knownScopes.filter((scope) => words.has(scope));
}
