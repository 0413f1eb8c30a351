import { canonicalUuid, type TenantId } from '../../domain/ids.ts';

/** The tenant that a path names: a UUID however it is spelled, the id of an identity provider as it is. */
export const tenantOf = (id: string): TenantId => canonicalUuid(id) ?? id;
