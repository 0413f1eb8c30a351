/** Bodies of the Vero dialect (vero.md §2, common.md). Lengths in code points are checked in decode.ts. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { limits } from '../../domain/limits.ts';
import { scopes } from '../../domain/principal.ts';
import { v2Roles } from '../../domain/v2-roles.ts';

/** Bytes of a JSON body (vero.md §1). */
export const veroBodyBytesMax = 262_144;

const literals = <const T extends readonly string[]>(values: T) =>
  Type.Union(values.map((value) => Type.Literal(value as T[number])));
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ format: 'date-time', description: 'RFC 3339, UTC, six fraction digits' });
const Text = (description: string) => Type.String({ description });
const Role = literals(['owner', 'admin', 'member'] as const);
const Scopes = Type.Array(literals(scopes), { maxItems: 16 });
const V2Roles = Type.Array(literals(v2Roles), { maxItems: 16 });

export const ErrorBody = Type.Object(
  {
    error: Type.Object({
      code: Type.String(),
      message: Type.String(),
      details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    }),
    request_id: Type.String(),
  },
  { title: 'Error' },
);

export const User = Type.Object(
  {
    id: Type.String(),
    email: nullable(Type.String()),
    display_name: Type.String(),
    avatar_url: nullable(Type.String()),
    timezone: Type.String(),
    phone: nullable(Type.String()),
    tenant_id: Type.String(),
    role: Role,
    status: literals(['active', 'suspended'] as const),
    scopes: Type.Array(Type.String()),
    v2_roles: Type.Array(Type.String()),
    super_admin: Type.Optional(Type.Literal(true)),
    created_at: Time,
  },
  { title: 'User' },
);
export type User = Static<typeof User>;

export const Tenant = Type.Object(
  { id: Type.String(), name: Type.String(), slug: Type.String(), created_at: Time },
  { title: 'Tenant' },
);
export type Tenant = Static<typeof Tenant>;

export const Tokens = Type.Object({
  access_token: Type.String(),
  refresh_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
});
export type Tokens = Static<typeof Tokens>;

export const SignedInBody = Type.Composite([Type.Object({ user: User, tenant: Tenant }), Tokens]);
export const UserBody = Type.Object({ user: User });
export const MeBody = Type.Object({ user: User, tenant: Tenant });
export const OkBody = Type.Object({ ok: Type.Literal(true) });

export const SignupRequest = Type.Object({
  email: Text('At most 254 characters; unique without case'),
  password: Text('8-128 code points, not the address'),
  display_name: Type.Optional(Text('1-80 code points; default: local part of the address')),
  tenant_name: Type.Optional(Text('1-80 code points; ignored with an invite')),
  phone: Type.Optional(Type.String({ pattern: '^\\+[1-9]\\d{6,14}$', description: 'E.164' })),
  timezone: Type.Optional(Text('IANA zone; default UTC')),
  invite_token: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
});
export type SignupRequest = Static<typeof SignupRequest>;

export const LoginRequest = Type.Object({
  email: Type.String({ maxLength: 512 }),
  password: Type.String({ maxLength: 1024 }),
});

const RefreshToken = Type.String({ minLength: 1, maxLength: 512 });
export const RefreshRequest = Type.Object({ refresh_token: RefreshToken });
export const LogoutRequest = Type.Object({ refresh_token: Type.Optional(RefreshToken) });

export const ProfileRequest = Type.Object({
  display_name: Type.Optional(Text('1-80 code points')),
  avatar_url: Type.Optional(nullable(Type.String({ maxLength: 2048, description: 'https' }))),
  timezone: Type.Optional(Text('IANA zone')),
});
export type ProfileRequest = Static<typeof ProfileRequest>;

export const PasswordRequest = Type.Object({
  current_password: Type.String({ maxLength: 1024 }),
  new_password: Text('8-128 code points, neither the current one nor the address'),
});

export const InviteRequest = Type.Object({
  email: Type.Optional(Text('Only this address may use it')),
  role: Type.Optional(literals(['member', 'admin'] as const)),
  v2_role: Type.Optional(literals(v2Roles)),
  expires_in_sec: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.inviteSecMax })),
});
export const InviteBody = Type.Object({ invite_token: Type.String(), expires_at: Time });

export const UserRequest = Type.Object({
  role: Type.Optional(Role),
  scopes: Type.Optional(Scopes),
  v2_roles: Type.Optional(V2Roles),
  status: Type.Optional(literals(['active', 'suspended'] as const)),
  super_admin: Type.Optional(Type.Boolean({ description: 'Counts from a super admin only' })),
});

export const AgentRequest = Type.Object({
  display_name: Text('1-80 code points'),
  id: Type.Optional(Text('1-255 visible characters; default: a UUID')),
  job_title: Type.Optional(Text('At most 120 code points')),
  bio: Type.Optional(Text('At most 1,000 code points')),
  is_default_agent: Type.Optional(Type.Boolean()),
});
export type AgentRequest = Static<typeof AgentRequest>;

export const Agent = Type.Object(
  {
    id: Type.String(),
    display_name: Type.String(),
    is_agent: Type.Literal(true),
    avatar_url: nullable(Type.String()),
    job_title: nullable(Type.String()),
    bio: nullable(Type.String()),
    is_default_agent: Type.Boolean(),
    tenant_id: Type.String(),
    created_at: Time,
  },
  { title: 'Agent' },
);
export type Agent = Static<typeof Agent>;
export const AgentBody = Type.Object({ agent: Agent });

const KeyKind = literals(['agent', 'service'] as const);
/** Ten years: whoever wants longer leaves it out. */
const keySecMax = 315_360_000;

export const ApiKeyRequest = Type.Object({
  name: Text('1-80 code points'),
  principal_id: Type.Optional(Type.String({ minLength: 1, maxLength: limits.principalIdCharsMax })),
  kind: Type.Optional(KeyKind),
  scopes: Type.Optional(Scopes),
  service_id: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  expires_in_sec: Type.Optional(Type.Integer({ minimum: 1, maximum: keySecMax })),
});

export const ApiKey = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    prefix: Type.String(),
    principal_id: Type.String(),
    kind: KeyKind,
    scopes: Type.Array(Type.String()),
    service_id: nullable(Type.String()),
    created_at: Time,
    expires_at: nullable(Time),
  },
  { title: 'ApiKey' },
);
export type ApiKey = Static<typeof ApiKey>;
export const NewApiKeyBody = Type.Composite([
  ApiKey,
  Type.Object({ key: Type.String({ description: 'Shown once' }) }),
]);

export const PageParameters = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.listPageMax })),
  cursor: Type.Optional(Type.String({ maxLength: 1024 })),
});
export type PageParameters = Static<typeof PageParameters>;
export const pageOf = (name: string, item: TSchema) =>
  Type.Object({ [name]: Type.Array(item), next_cursor: nullable(Type.String()) });
