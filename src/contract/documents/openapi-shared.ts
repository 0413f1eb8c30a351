/** What all operations have in common: who may call, the headers of common.md, the refusals. */
import { limits } from '../../domain/limits.ts';
import { problems } from '../../domain/problem.ts';
import type { Access, Operation } from '../operation.ts';

type Json = Record<string, unknown>;

const bearer = { type: 'http', scheme: 'bearer', description: 'Access token, or an API key' };
const apiKey = { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'API key' };

export function securitySchemes(cookieName: string | null): Json {
  if (cookieName === null) return { bearer, apiKey };
  return {
    bearer,
    apiKey,
    cookie: { type: 'apiKey', in: 'cookie', name: cookieName, description: 'Session' },
  };
}

/** Any one of them is enough; an empty requirement means that none is needed. */
export function securityOf(access: Access, cookieName: string | null): Json[] {
  if (access === 'public') return [];
  const known = [{ bearer: [] }, { apiKey: [] }, ...(cookieName === null ? [] : [{ cookie: [] }])];
  return access === 'principal' ? known : [...known, {}];
}

function header(name: string, description: string, schema: Json): Json {
  return { name, in: 'header', required: false, description, schema };
}

/** Headers that mean the same in every dialect, as components. */
export const headerParameters: Readonly<Record<string, Json>> = {
  OrgId: header('X-Org-Id', "The caller's tenant, or any for a super admin; others are refused", {
    type: 'string',
  }),
  ServiceId: header('X-Service-Id', 'Service that what is created belongs to', {
    type: 'string',
    maxLength: limits.principalIdCharsMax,
  }),
  Env: header('X-Env', 'Environment; absent: no filter', { type: 'string', enum: ['dev', 'stage', 'prod'] }),
  DataClass: header('X-Data-Class', 'Recorded on each event; phi and secret are never indexed or logged', {
    type: 'string',
    enum: ['none', 'pii', 'phi', 'secret'],
  }),
  PolicyRef: header('X-Policy-Ref', 'Opaque, recorded on each event', {
    type: 'string',
    maxLength: limits.policyRefCharsMax,
  }),
  IdempotencyKey: header('Idempotency-Key', 'A repeated request with it has one effect', {
    type: 'string',
    maxLength: limits.clientIdCharsMax,
  }),
  AsUserId: header('X-As-User-Id', 'Whom a service speaks for, where it may (cap:messaging.impersonate)', {
    type: 'string',
    maxLength: limits.principalIdCharsMax,
  }),
  Traceparent: header('traceparent', 'W3C trace context, carried on', { type: 'string' }),
};

export const commonHeaders: readonly Json[] = Object.keys(headerParameters).map((name) => ({
  $ref: `#/components/parameters/${name}`,
}));

/** Statuses with which any such operation may be refused before it is asked. */
export function errorStatuses({ access, schemas }: Operation): readonly string[] {
  const hasInput = schemas.params !== undefined || schemas.query !== undefined || schemas.body !== undefined;
  const codes = [
    ...(hasInput || access !== 'public' ? (['invalid_request'] as const) : []),
    ...(access === 'public' ? [] : (['forbidden'] as const)),
    ...(access === 'principal' || access === 'open' ? (['unauthenticated'] as const) : []),
    ...(schemas.body === undefined ? [] : (['too_large', 'unsupported_media_type'] as const)),
    ...(['rate_limited', 'internal', 'unavailable'] as const),
  ];
  return [...new Set(codes.map((code) => String(problems[code].status)))];
}
