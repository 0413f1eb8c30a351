/** Variables of external identity, and what is wrong or doubtful about them together (decisions/0014). */
import { isTenantId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { claimMapping, claimMappingWords, defaultClaims } from './claim-mapping.ts';
import { onOff, text, url, wholeNumber } from './parsers.ts';
import { defaulted, optional } from './variable.ts';

/** `iss` of the tokens made here, unless the deployment names another and has no external issuer. */
export const defaultIssuer = 'parley';

export const externalIdentityVariables = {
  identityUrl: optional(
    'PARLEY_IDENTITY_URL',
    "External identity service that introspects tokens and verifies API keys, as Symbia's does",
    url('http', 'https'),
  ),
  jwksUrl: optional(
    'PARLEY_JWKS_URL',
    'Public keys of an external issuer, whose tokens are accepted',
    url('http', 'https'),
  ),
  jwtIssuer: {
    ...optional(
      'PARLEY_JWT_ISSUER',
      `With PARLEY_JWKS_URL: \`iss\` of the external tokens (ours stay \`${defaultIssuer}\`). Without: \`iss\` of our own tokens`,
      text(),
    ),
    unsetWords: `${defaultIssuer}; with PARLEY_JWKS_URL: any`,
  },
  jwtAudience: optional(
    'PARLEY_JWT_AUDIENCE',
    '`aud` that tokens of the external issuer must carry; unset: any',
    text(),
  ),
  jwtClaims: {
    ...defaulted(
      'PARLEY_JWT_CLAIMS',
      defaultClaims,
      'Claims of external tokens: `field=claim`, several claims with `|`, inner ones with dots',
      claimMapping,
    ),
    unsetWords: claimMappingWords(defaultClaims),
  },
  identityCacheSec: defaulted(
    'PARLEY_IDENTITY_CACHE_SEC',
    30,
    'How long an answer of PARLEY_IDENTITY_URL counts: a revocation there is effective after it',
    wholeNumber(1, limits.externalCacheSecMax),
  ),
  identityTenant: {
    ...optional('PARLEY_IDENTITY_TENANT', 'Tenant of external principals that name no organization', text()),
    unsetWords: 'they are refused (403)',
  },
  isPlainHttpAllowed: {
    ...defaulted(
      'PARLEY_IDENTITY_PLAIN_HTTP',
      false,
      '`on` allows http:// to PARLEY_IDENTITY_URL and PARLEY_JWKS_URL on other machines',
      onOff,
    ),
    unsetWords: 'off',
  },
} as const;

/** The values that belong together. */
export interface ExternalIdentitySettings {
  readonly identityUrl: string | null;
  readonly jwksUrl: string | null;
  readonly jwtIssuer: string | null;
  readonly jwtAudience: string | null;
  readonly identityTenant: string | null;
  readonly isPlainHttpAllowed: boolean;
}

/** What cannot be meant: sentences with the names of variables. */
export function externalIdentityErrors(settings: ExternalIdentitySettings): string[] {
  const { identityUrl, jwksUrl, jwtIssuer, identityTenant, isPlainHttpAllowed } = settings;
  const addresses = { PARLEY_IDENTITY_URL: identityUrl, PARLEY_JWKS_URL: jwksUrl };
  const plain = Object.entries(addresses)
    .filter(([, address]) => address !== null && !isPlainHttpAllowed && isPlainAndFar(address))
    .map(
      ([name]) =>
        `${name} must be https:// (http:// only on this machine, or with PARLEY_IDENTITY_PLAIN_HTTP=on)`,
    );
  const isSameIssuer = jwksUrl !== null && jwtIssuer === defaultIssuer;
  const isTenantUnusable = identityTenant !== null && !isTenantId(identityTenant);
  return [
    ...plain,
    ...(isSameIssuer
      ? [`PARLEY_JWT_ISSUER must not be ${defaultIssuer}: that is the issuer of our own tokens`]
      : []),
    ...(isTenantUnusable ? ['PARLEY_IDENTITY_TENANT must have letters, digits, - and _ only'] : []),
  ];
}

/** What works but is hardly meant. */
export function externalIdentityWarnings(settings: ExternalIdentitySettings): string[] {
  const { identityUrl, jwksUrl, jwtIssuer, jwtAudience } = settings;
  const warnings: string[] = [];
  if (jwksUrl !== null && jwtAudience === null) {
    warnings.push(
      'PARLEY_JWKS_URL without PARLEY_JWT_AUDIENCE: tokens that this issuer made for other programs are accepted, too',
    );
  }
  if (jwksUrl !== null && jwtIssuer === null) {
    const which = identityUrl === null ? '' : ', and none is shown to PARLEY_IDENTITY_URL';
    warnings.push(
      `PARLEY_JWKS_URL without PARLEY_JWT_ISSUER: tokens of any issuer are tried with its keys${which}`,
    );
  }
  if (jwksUrl === null && jwtAudience !== null) {
    warnings.push('PARLEY_JWT_AUDIENCE has no effect without PARLEY_JWKS_URL');
  }
  return warnings;
}

function isPlainAndFar(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && !/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** `iss` of the tokens that are made here. */
export function ownIssuer({
  jwksUrl,
  jwtIssuer,
}: Pick<ExternalIdentitySettings, 'jwksUrl' | 'jwtIssuer'>): string {
  return jwksUrl === null ? (jwtIssuer ?? defaultIssuer) : defaultIssuer;
}
