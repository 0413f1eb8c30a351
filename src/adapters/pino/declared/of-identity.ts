import type { DeclaredLines } from './line.ts';

const closed = 'Whoever asked was told `internal`, and not let in. Report it';

/** Who asks, and what it may. */
export const ofIdentity: DeclaredLines = {
  'A credential could not be looked up': { level: 'error', fields: ['error'], advice: closed },
  'A principal could not be looked up': { level: 'error', fields: ['error'], advice: closed },
  'A messaging token could not be looked up': { level: 'error', fields: ['error'], advice: closed },
  'A listener of revocations failed': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'A connection of a revoked credential may be open still: restart the node, and report it',
  },
  'Changes of identities cannot be read now': {
    ...{ level: 'warn', fields: ['code'] },
    advice:
      'PostgreSQL is away. Credentials that a node knows go on working for a while, then it answers 503',
  },
  'Changes of identities are read again': {
    ...{ level: 'info', fields: ['away_ms'] },
    advice: 'What changed meanwhile is effective now',
  },
  'Signing keys cannot be read now': {
    ...{ level: 'warn', fields: ['code'] },
    advice: 'It tries again. PostgreSQL is away: present tokens are checked with the keys that are known',
  },
  'The signing key cannot be unwrapped': {
    ...{ level: 'error', fields: ['reason'] },
    advice: 'This node cannot sign: give it the `PARLEY_MASTER_KEY` of the others',
  },
  'The limits of tenants could not be read': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'Those that were read last count. PostgreSQL is away, or report it',
  },
  'A locked login was not recorded': {
    ...{ level: 'warn', fields: ['code', 'subject'] },
    advice: 'The login is locked nevertheless; the audit does not say so. PostgreSQL is away',
  },
  'Ended sessions were not pruned': {
    ...{ level: 'warn', fields: ['code'] },
    advice: 'The next round does it. PostgreSQL is away',
  },
  'Somebody from outside cannot be named here': {
    ...{ level: 'warn', fields: ['reason'] },
    advice: 'The identity provider vouches for ids or tenants that Parley does not take: look at its mapping',
  },
  'The identity provider is away': {
    ...{ level: 'warn', fields: ['fault'] },
    advice: 'It is left alone for a while. New tokens of it answer 503, known ones work until their time',
  },
  'The identity provider is back': { level: 'info', advice: 'It answers again' },
  'The keys of the external issuer cannot be fetched': {
    level: 'warn',
    advice: 'Tokens are checked with the keys that are known. Look at its JWKS address',
  },
  'The keys of the external issuer are fetched again': { level: 'info', advice: 'It answers again' },
};
