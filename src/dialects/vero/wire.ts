/** Bodies of the Vero dialect (vero.md §2, common.md). Lengths in code points are checked in decode.ts. */
import { type SchemaOptions, type Static, type TSchema, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../contract/examples/values.ts';
import { limits } from '../../domain/limits.ts';
import { scopes } from '../../domain/principal.ts';
import { v2Roles } from '../../domain/v2-roles.ts';

const literals = <const T extends readonly string[]>(values: T) =>
  Type.Union(values.map((value) => Type.Literal(value as T[number])));
const nullable = <T extends TSchema>(schema: T, options: SchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options);
const Time = Type.String({
  format: 'date-time',
  description: 'RFC 3339, UTC, six fraction digits',
  examples: [example.at],
});
const Text = (description: string, ...examples: readonly string[]) =>
  Type.String({ description, ...(examples.length === 0 ? {} : { examples }) });
const Shown = (...examples: readonly unknown[]) => Type.String({ examples });
const nothing = { examples: [null] };
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
    id: Shown(example.user),
    email: nullable(Shown(example.email)),
    display_name: Shown(example.person),
    avatar_url: nullable(Type.String(), nothing),
    timezone: Shown('Europe/London'),
    phone: nullable(Type.String(), nothing),
    tenant_id: Shown(example.tenant),
    role: Role,
    status: literals(['active', 'suspended'] as const),
    scopes: Type.Array(Shown('cap:messaging.interrupt')),
    v2_roles: Type.Array(Shown('pmc_admin')),
    super_admin: Type.Optional(Type.Literal(true)),
    created_at: Time,
  },
  { title: 'User' },
);
export type User = Static<typeof User>;

export const Tenant = Type.Object(
  {
    id: Shown(example.tenant),
    name: Shown(example.organization),
    slug: Shown(example.slug),
    created_at: Time,
  },
  { title: 'Tenant' },
);
export type Tenant = Static<typeof Tenant>;

export const Tokens = Type.Object({
  access_token: Shown(example.accessToken),
  refresh_token: Shown(example.refreshToken),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds', examples: [limits.accessTokenSec] }),
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

const RefreshToken = Type.String({ minLength: 1, examples: [example.refreshToken] });
export const RefreshRequest = Type.Object({ refresh_token: RefreshToken });
export const LogoutRequest = Type.Object({ refresh_token: Type.Optional(RefreshToken) });

export const ProfileRequest = Type.Object({
  display_name: Type.Optional(Text('1-80 code points')),
  avatar_url: Type.Optional(nullable(Type.String({ maxLength: 2048, description: 'https' }))),
  timezone: Type.Optional(Text('IANA zone')),
});
export type ProfileRequest = Static<typeof ProfileRequest>;

export const PasswordRequest = Type.Object({
  current_password: Type.String({ maxLength: 1024, examples: ['correct horse battery'] }),
  new_password: Text('8-128 code points, neither the current one nor the address', 'staple of another horse'),
});

export const InviteRequest = Type.Object({
  email: Type.Optional(Text('Only this address may use it')),
  role: Type.Optional(literals(['member', 'admin'] as const)),
  v2_role: Type.Optional(literals(v2Roles)),
  expires_in_sec: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.inviteSecMax })),
});
export const InviteBody = Type.Object({ invite_token: Shown('inv_7c41d09e52ab'), expires_at: Time });

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
    id: Shown(example.agent),
    display_name: Shown('Iris'),
    is_agent: Type.Literal(true),
    avatar_url: nullable(Type.String(), nothing),
    job_title: nullable(Shown('Researcher')),
    bio: nullable(Type.String(), nothing),
    is_default_agent: Type.Boolean({ examples: [false] }),
    tenant_id: Shown(example.agent),
    created_at: Time,
  },
  { title: 'Agent' },
);
export type Agent = Static<typeof Agent>;
export const AgentBody = Type.Object({ agent: Agent });

const KeyKind = literals(['service', 'agent'] as const);
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
    id: Shown('0193a1e4-77b0-7f3c-8a21-9e0d4c5b6f78'),
    name: Shown('ingest'),
    prefix: Shown('pk_3d9f'),
    principal_id: Shown('0193a1e4-77af-7b19-9c55-3f2e1d0a8b64'),
    kind: KeyKind,
    scopes: Type.Array(Shown('cap:messaging.observe')),
    service_id: nullable(Type.String(), nothing),
    created_at: Time,
    expires_at: nullable(Time, nothing),
  },
  { title: 'ApiKey' },
);
export type ApiKey = Static<typeof ApiKey>;
export const NewApiKeyBody = Type.Composite([
  ApiKey,
  Type.Object({ key: Type.String({ description: 'Shown once', examples: [example.apiKey] }) }),
]);

export const PageParameters = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.listPageMax })),
  cursor: Type.Optional(Type.String({ maxLength: 1024 })),
});
export type PageParameters = Static<typeof PageParameters>;
export const pageOf = (name: string, item: TSchema) =>
  Type.Object({ [name]: Type.Array(item), next_cursor: nullable(Type.String(), nothing) });
