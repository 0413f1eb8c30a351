/** /auth/agents and /auth/api-keys (common.md, "API keys and agents"). */
import { Type } from '@sinclair/typebox';
import { type Operation, operation } from '../../contract/operation.ts';
import { traceOf } from '../../contract/request-trace.ts';
import { Problem } from '../../domain/problem.ts';
import type { TenantAdministration } from '../../ports/identity/identity-service.ts';
import { tenantOf } from './administration-routes.ts';
import { decodeAgent, decodePage, refuseName } from './decode.ts';
import { encodeAgent, encodeApiKey, encodeCursor } from './encode.ts';
import { errors } from './errors.ts';
import {
  Agent,
  AgentBody,
  AgentRequest,
  ApiKey,
  ApiKeyRequest,
  NewApiKeyBody,
  PageParameters,
  pageOf,
} from './wire.ts';

const ById = Type.Object({ id: Type.String() });

export function agentRoutes(administration: TenantAdministration): readonly Operation[] {
  return [
    operation(
      {
        id: 'vero.createAgent',
        rate: 'admin',
        method: 'POST',
        path: '/auth/agents',
        summary: 'Adds an agent to the tenant',
        access: 'principal',
        schemas: { body: AgentRequest },
        responses: {
          201: { description: 'The agent', schema: AgentBody },
          ...errors(400, 401, 403, 409, 503),
        },
        example: { body: { display_name: 'Researcher', id: 'assistant:research' } },
      },
      async (request) => {
        const agent = decodeAgent(request.body);
        if (agent instanceof Problem) return agent;
        const made = await administration.createAgent(
          request.principal,
          tenantOf(request),
          agent,
          traceOf(request),
        );
        return made instanceof Problem ? made : { status: 201, body: { agent: encodeAgent(made) } };
      },
    ),
    operation(
      {
        id: 'vero.listAgents',
        rate: 'admin',
        method: 'GET',
        path: '/auth/agents',
        summary: 'Agents of the tenant, oldest first',
        access: 'principal',
        schemas: { query: PageParameters },
        responses: {
          200: { description: 'A page', schema: pageOf('agents', Agent) },
          ...errors(400, 401, 403, 503),
        },
      },
      async (request) => {
        const query = decodePage(request.query);
        if (query instanceof Problem) return query;
        const page = await administration.agents(request.principal, tenantOf(request), query);
        if (page instanceof Problem) return page;
        return {
          status: 200,
          body: { agents: page.rows.map(encodeAgent), next_cursor: encodeCursor(page.next) },
        };
      },
    ),
    operation(
      {
        id: 'vero.deleteAgent',
        rate: 'admin',
        method: 'DELETE',
        path: '/auth/agents/:id',
        summary: 'Ends an agent and its keys',
        access: 'principal',
        schemas: { params: ById },
        responses: { 204: { description: 'Ended', schema: null }, ...errors(401, 403, 404, 409, 503) },
      },
      async (request) => {
        const { principal, params } = request;
        const { id } = params;
        const refused = await administration.deleteAgent(principal, tenantOf(request), id, traceOf(request));
        return refused ?? { status: 204 };
      },
    ),
  ];
}

export function apiKeyRoutes(administration: TenantAdministration): readonly Operation[] {
  return [
    operation(
      {
        id: 'vero.createApiKey',
        rate: 'admin',
        method: 'POST',
        path: '/auth/api-keys',
        summary: 'Makes a key for an agent or a service; it is shown once',
        access: 'principal',
        schemas: { body: ApiKeyRequest },
        responses: {
          201: { description: 'The key', schema: NewApiKeyBody },
          ...errors(400, 401, 403, 409, 503),
        },
        example: { body: { name: 'ingest', kind: 'service' } },
      },
      async (request) => {
        const { name, principal_id, kind, scopes, service_id, expires_in_sec } = request.body;
        const refused = refuseName('name', name);
        if (refused !== null) return refused;
        const key = {
          name,
          principal: principal_id ?? null,
          kind: kind ?? null,
          scopes: scopes ?? null,
          service: service_id ?? null,
          expiresInSec: expires_in_sec ?? null,
        };
        const { principal } = request;
        const made = await administration.createApiKey(principal, tenantOf(request), key, traceOf(request));
        if (made instanceof Problem) return made;
        return { status: 201, body: { ...encodeApiKey(made.key), key: made.secret } };
      },
    ),
    operation(
      {
        id: 'vero.listApiKeys',
        rate: 'admin',
        method: 'GET',
        path: '/auth/api-keys',
        summary: 'Live keys of the tenant, oldest first, without the keys themselves',
        access: 'principal',
        schemas: { query: PageParameters },
        responses: {
          200: { description: 'A page', schema: pageOf('api_keys', ApiKey) },
          ...errors(400, 401, 403, 503),
        },
      },
      async (request) => {
        const query = decodePage(request.query);
        if (query instanceof Problem) return query;
        const page = await administration.apiKeys(request.principal, tenantOf(request), query);
        if (page instanceof Problem) return page;
        return {
          status: 200,
          body: { api_keys: page.rows.map(encodeApiKey), next_cursor: encodeCursor(page.next) },
        };
      },
    ),
    operation(
      {
        id: 'vero.deleteApiKey',
        rate: 'admin',
        method: 'DELETE',
        path: '/auth/api-keys/:id',
        summary: 'Ends a key, effective everywhere within a second',
        access: 'principal',
        schemas: { params: ById },
        responses: { 204: { description: 'Ended', schema: null }, ...errors(401, 403, 404, 503) },
      },
      async (request) => {
        const { principal, params } = request;
        const { id } = params;
        const refused = await administration.deleteApiKey(principal, tenantOf(request), id, traceOf(request));
        return refused ?? { status: 204 };
      },
    ),
  ];
}
