/** What /api/auth takes and answers: camelCase, unlike the rows. */
import { type SchemaOptions, type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../contract/examples/values.ts';

const NullableText = (value: string) => Type.Union([Type.String(), Type.Null()], { examples: [value] });
const Text = (...examples: readonly string[]) => Type.String({ examples });

export const Organization = Type.Object(
  {
    id: Type.String({ description: 'The tenant.', examples: [example.tenant] }),
    name: Text(example.organization),
    slug: Text(example.slug),
    role: Type.Union([Type.Literal('admin'), Type.Literal('member')], {
      description: 'Owners are admins here.',
    }),
  },
  { title: 'Organization' },
);

export const SessionUser = Type.Object(
  {
    id: Text(example.user),
    email: NullableText(example.email),
    name: Text(example.person),
    type: Type.Union([Type.Literal('user'), Type.Literal('agent')]),
    orgId: Text(example.tenant),
    organizations: Type.Array(Organization),
    entitlements: Type.Array(Text('cap:messaging.interrupt'), { description: 'Scopes of the credential.' }),
    roles: Type.Array(Text('admin'), { description: '`admin` for administrators of the tenant.' }),
    isSuperAdmin: Type.Boolean({ examples: [false] }),
  },
  { title: 'SessionUser' },
);
export type SessionUser = Static<typeof SessionUser>;

export const SessionBody = Type.Union(
  [
    Type.Object({ authenticated: Type.Literal(true), user: SessionUser }),
    Type.Object({ authenticated: Type.Literal(false) }),
  ],
  { title: 'Session' },
);

export const MeBody = Type.Object(
  { user: SessionUser, organizations: Type.Array(Organization) },
  { title: 'Me' },
);

export const AuthConfigBody = Type.Object(
  {
    identityServiceUrl: Text('https://chat.example.org'),
    loginUrl: Text('https://chat.example.org/api/auth/login'),
    logoutUrl: Text('https://chat.example.org/api/auth/logout'),
  },
  { title: 'AuthConfig' },
);

const checked = (shown: SchemaOptions) => Type.Optional(Type.Unknown(shown));

/** Refused in words of this API: sign-in-routes.ts. Another identity service may want other fields. */
export const LoginBody = Type.Object({
  email: checked({ type: 'string', maxLength: 512, examples: [example.email] }),
  password: checked({ type: 'string', maxLength: 1024, examples: ['correct horse battery'] }),
});
export type LoginBody = Static<typeof LoginBody>;

export const SignedInBody = Type.Object(
  {
    token: Type.String({ description: 'A bearer token.', examples: [example.accessToken] }),
    user: SessionUser,
  },
  { title: 'SignedIn' },
);

export const SignedOutBody = Type.Object({ ok: Type.Boolean() }, { title: 'SignedOut' });
