/** Role names of the v2 dialect: an attribute of a person beside its tenant role. `super_admin` is no such role. */
export const v2Roles = ['pmc_admin', 'pm', 'landlord', 'tenant', 'vendor', 'contractor'] as const;
export type V2Role = (typeof v2Roles)[number];

/**
 * What a tenant's first owner has, and what an invite gives when it names none (v2.md, "Our decisions"). Whoever comes
 * in without an invite has the same: agents and services with their keys, and people that somebody else vouches for.
 */
export const ownerV2Role: V2Role = 'pmc_admin';
export const invitedV2Role: V2Role = 'pm';
