/** What /api/auth takes and answers: camelCase, unlike the rows. */
import { type SchemaOptions, type Static, Type } from '@sinclair/typebox';

const NullableText = Type.Union([Type.String(), Type.Null()]);

export const Organization = Type.Object(
  {
    id: Type.String({ description: 'The tenant.' }),
    name: Type.String(),
    slug: Type.String(),
    role: Type.Union([Type.Literal('admin'), Type.Literal('member')], {
      description: 'Owners are admins here.',
    }),
  },
  { title: 'Organization' },
);

export const SessionUser = Type.Object(
  {
    id: Type.String(),
    email: NullableText,
    name: Type.String(),
    type: Type.Union([Type.Literal('user'), Type.Literal('agent')]),
    orgId: Type.String(),
    organizations: Type.Array(Organization),
    entitlements: Type.Array(Type.String(), { description: 'Scopes of the credential.' }),
    roles: Type.Array(Type.String(), { description: '`admin` for administrators of the tenant.' }),
    isSuperAdmin: Type.Boolean(),
  },
  { title: 'SessionUser' },
);
export type SessionUser = Static<typeof SessionUser>;

export const SessionBody = Type.Union(
  [
    Type.Object({ authenticated: Type.Literal(false) }),
    Type.Object({ authenticated: Type.Literal(true), user: SessionUser }),
  ],
  { title: 'Session' },
);

export const MeBody = Type.Object(
  { user: SessionUser, organizations: Type.Array(Organization) },
  { title: 'Me' },
);

export const AuthConfigBody = Type.Object(
  { identityServiceUrl: Type.String(), loginUrl: Type.String(), logoutUrl: Type.String() },
  { title: 'AuthConfig' },
);

const checked = (shown: SchemaOptions) => Type.Optional(Type.Unknown(shown));

/** Refused in words of this API: sign-in-routes.ts. Another identity service may want other fields. */
export const LoginBody = Type.Object({
  email: checked({ type: 'string', maxLength: 512 }),
  password: checked({ type: 'string', maxLength: 1024 }),
});
export type LoginBody = Static<typeof LoginBody>;

export const SignedInBody = Type.Object(
  { token: Type.String({ description: 'A bearer token.' }), user: SessionUser },
  { title: 'SignedIn' },
);

export const SignedOutBody = Type.Object({ ok: Type.Boolean() }, { title: 'SignedOut' });
