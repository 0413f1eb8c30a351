/** /auth: what owners and admins do in their tenant (common.md, "People and tenants", "API keys and agents"). */
import { Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestContext } from '../../contract/operation.ts';
import { traceOf } from '../../contract/request-trace.ts';
import { canonicalUuid } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import { formatMicros } from '../../domain/time.ts';
import type { TenantAdministration } from '../../ports/identity/identity-service.ts';
import { decodePage, nothingToChange, refuseEmail } from './decode.ts';
import { encodeCursor, encodeUser } from './encode.ts';
import { errors } from './errors.ts';
import { InviteBody, InviteRequest, PageParameters, pageOf, User, UserBody, UserRequest } from './wire.ts';

/** A day, when an invite does not say. */
const inviteSecDefault = 86_400;

/** X-Org-Id names the tenant to act in; the front end let it through only where that is allowed. */
export function tenantOf({ principal, orgId }: RequestContext & { readonly principal: Principal }): string {
  return orgId === null ? principal.tenant : (canonicalUuid(orgId) ?? orgId);
}

export function administrationRoutes(administration: TenantAdministration): readonly Operation[] {
  return [
    operation(
      {
        id: 'vero.createInvite',
        rate: 'admin',
        method: 'POST',
        path: '/auth/invites',
        summary: 'Invites one person into the tenant; the token works once',
        access: 'principal',
        schemas: { body: InviteRequest },
        responses: { 201: { description: 'Shown once', schema: InviteBody }, ...errors(400, 401, 403, 503) },
        example: { body: { role: 'member' } },
      },
      async (request) => {
        const { email, role = 'member', v2_role, expires_in_sec = inviteSecDefault } = request.body;
        const refused = refuseEmail(email);
        if (refused !== null) return refused;
        const invite = { email: email ?? null, role, v2Role: v2_role ?? null, expiresInSec: expires_in_sec };
        const { principal } = request;
        const made = await administration.invite(principal, tenantOf(request), invite, traceOf(request));
        if (made instanceof Problem) return made;
        return { status: 201, body: { invite_token: made.token, expires_at: formatMicros(made.expiresAt) } };
      },
    ),
    operation(
      {
        id: 'vero.listUsers',
        rate: 'admin',
        method: 'GET',
        path: '/auth/users',
        summary: 'People of the tenant, oldest first',
        access: 'principal',
        schemas: { query: PageParameters },
        responses: {
          200: { description: 'A page', schema: pageOf('users', User) },
          ...errors(400, 401, 403, 503),
        },
      },
      async (request) => {
        const query = decodePage(request.query);
        if (query instanceof Problem) return query;
        const page = await administration.users(request.principal, tenantOf(request), query);
        if (page instanceof Problem) return page;
        return {
          status: 200,
          body: { users: page.rows.map(encodeUser), next_cursor: encodeCursor(page.next) },
        };
      },
    ),
    operation(
      {
        id: 'vero.changeUser',
        rate: 'admin',
        method: 'PATCH',
        path: '/auth/users/:id',
        summary: 'Changes role, scopes or status of a person, effective everywhere within a second',
        access: 'principal',
        schemas: { params: Type.Object({ id: Type.String() }), body: UserRequest },
        responses: {
          200: { description: 'The person', schema: UserBody },
          ...errors(400, 401, 403, 404, 409, 503),
        },
        example: { body: { role: 'admin' } },
      },
      async (request) => {
        const { role, scopes, v2_roles: v2Roles, status, super_admin: superAdmin } = request.body;
        const changes = {
          ...(role === undefined ? {} : { role }),
          ...(scopes === undefined ? {} : { scopes }),
          ...(v2Roles === undefined ? {} : { v2Roles }),
          ...(status === undefined ? {} : { status }),
          ...(superAdmin === undefined ? {} : { superAdmin }),
        };
        if (Object.keys(changes).length === 0) return nothingToChange();
        const { principal, params } = request;
        const changed = await administration.changeUser(
          principal,
          tenantOf(request),
          params.id,
          changes,
          traceOf(request),
        );
        return changed instanceof Problem ? changed : { status: 200, body: { user: encodeUser(changed) } };
      },
    ),
  ];
}
