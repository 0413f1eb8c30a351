/** /api/v2/auth: a token, and whose it is. The tokens are those of every API. */
import { type Operation, operation } from '../../contract/operation.ts';
import { traceOf } from '../../contract/request-trace.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { formatMicros } from '../../domain/time.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { OwnPrincipal, SignIn } from '../../ports/identity/identity-service.ts';
import { admitAnybody, organizationId, roles, rolesOf, shownId } from './caller.ts';
import { errors } from './refuse.ts';
import { CurrentUser, LoginRequest, Token } from './wire.ts';

export interface AuthDeps {
  readonly signIn: Pick<SignIn, 'login'>;
  readonly own: Pick<OwnPrincipal, 'me'>;
  readonly ids: Pick<IdSource, 'fromName'>;
}

export function authRoutes(deps: AuthDeps): readonly Operation[] {
  return [login(deps), me(deps)];
}

function login({ signIn }: AuthDeps): Operation {
  return operation(
    {
      id: 'v2.login',
      rate: 'sign-in',
      method: 'POST',
      path: '/api/v2/auth/login',
      summary: 'Opens a session with address and password',
      access: 'public',
      schemas: { body: LoginRequest },
      responses: { 200: { description: 'A token', schema: Token }, ...errors(400, 401, 403, 413) },
      bodyBytesMax: limits.signInBodyBytesMax,
    },
    async (request) => {
      const { email, password } = request.body;
      const signedIn = await signIn.login(email, password, traceOf(request));
      if (signedIn instanceof Problem) return signedIn;
      return { status: 200, body: { access_token: signedIn.tokens.accessToken, token_type: 'bearer' } };
    },
  );
}

function me({ own, ids }: AuthDeps): Operation {
  return operation(
    {
      id: 'v2.me',
      method: 'GET',
      path: '/api/v2/auth/me',
      summary: 'Who the bearer is',
      access: 'principal',
      admit: admitAnybody,
      schemas: {},
      responses: { 200: { description: 'The caller', schema: CurrentUser }, ...errors(401, 403) },
    },
    async ({ principal }) => {
      const found = await own.me(principal);
      if (found instanceof Problem) return found;
      const { email, displayName, phone, status, createdAt } = found.principal;
      const held = rolesOf(principal).map((name) => ({
        ...{ id: ids.fromName(`v2/role/${name}`), name, description: roles.get(name) ?? null },
      }));
      const organization_id = organizationId(ids, principal.tenant);
      const created_at = formatMicros(createdAt);
      const user = {
        ...{ id: shownId(ids, principal.tenant, principal.id), email, full_name: displayName, phone },
        ...{ organization_id, status, created_at, updated_at: created_at, roles: held },
      };
      return { status: 200, body: { user, roles: held, organization_id } };
    },
  );
}
