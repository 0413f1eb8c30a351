/** `PARLEY_JWT_CLAIMS`: which claims of an external token tell what of a principal. */
import type { ClaimField, ClaimMapping } from '../ports/identity/external-identity.ts';
import { Misfit, type Parser } from './parsers.ts';

/** Nobody becomes a super admin, and nobody is bound to a service, unless a mapping says by which claim. */
export const defaultClaims: ClaimMapping = {
  id: ['sub'],
  tenant: ['tenant_id', 'org_id', 'orgId'],
  tenant_name: ['tenant_name', 'org_name'],
  kind: ['kind', 'type'],
  name: ['name', 'preferred_username', 'email'],
  role: ['role', 'org_role'],
  scopes: ['scope', 'scopes', 'scp', 'permissions', 'entitlements', 'capabilities'],
  service: [],
  super_admin: [],
};

/** `tenant=org_id|tid,role=`: fields that are not named keep their claims, an empty one has none. */
export const claimMapping: Parser<ClaimMapping> = (given) => {
  const mapping: Record<ClaimField, readonly string[]> = { ...defaultClaims };
  for (const part of given.split(',').filter((one) => one.trim() !== '')) {
    const [field = '', claims, ...rest] = part.split('=').map((one) => one.trim());
    if (claims === undefined || rest.length > 0 || !isField(field)) {
      const fields = Object.keys(defaultClaims).join(', ');
      return new Misfit(`must be like tenant=org_id|tid,name=email; the fields are ${fields}`);
    }
    mapping[field] = claims.split('|').filter((claim) => claim !== '');
  }
  if (mapping.id.length === 0) return new Misfit('must name a claim for the id');
  return mapping;
};

/** The mapping as it would be written. */
export function claimMappingWords(mapping: ClaimMapping): string {
  return Object.entries(mapping)
    .map(([field, claims]) => `${field}=${claims.join('|')}`)
    .join(',');
}

function isField(name: string): name is ClaimField {
  return Object.hasOwn(defaultClaims, name);
}
