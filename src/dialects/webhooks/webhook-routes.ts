/** /v1/webhooks: the endpoints of a tenant. */
import { type Operation, operation, type RequestContext } from '../../contract/operation.ts';
import { traceOf } from '../../contract/request-trace.ts';
import { canonicalUuid } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { AskedWebhook, WebhookChanges, Webhooks } from '../../ports/webhooks/webhooks.ts';
import { encodeWebhook, errors } from './encode.ts';
import {
  ChangeWebhookRequest,
  NewWebhookRequest,
  RotateRequest,
  TestAnswer,
  WebhookAnswer,
  WebhookList,
  WebhookPath,
  WebhookRead,
  WebhookWithSecret,
} from './wire.ts';

const path = '/v1/webhooks';

interface Asking extends RequestContext {
  readonly principal: Principal;
}

/** Who asks, in which tenant: a super admin may name another one. */
function askingOf(request: Asking): Omit<AskedWebhook, 'id'> {
  const { principal: by, orgId } = request;
  return { by, tenant: orgId ?? by.tenant, trace: traceOf(request) };
}

/** No id is a UUID that is spelled differently; what is none names nothing. */
export function askedOf(
  request: Asking & { readonly params: { readonly id: string } },
): AskedWebhook | Problem {
  const id = canonicalUuid(request.params.id);
  return id === null ? new Problem('not_found') : { ...askingOf(request), id };
}

export function webhookRoutes(webhooks: Webhooks): readonly Operation[] {
  return [...collectionRoutes(webhooks), ...singleRoutes(webhooks), ...secretRoutes(webhooks)];
}

function collectionRoutes(webhooks: Webhooks): readonly Operation[] {
  return [
    operation(
      {
        id: 'webhooks.create',
        rate: 'admin',
        method: 'POST',
        path,
        summary: 'Adds an endpoint that events are posted to; its secret is shown once (owner, admin)',
        access: 'principal',
        schemas: { body: NewWebhookRequest },
        responses: {
          201: { description: 'The endpoint and its secret', schema: WebhookWithSecret },
          ...errors(400, 401, 403, 409, 429, 503),
        },
        example: {
          body: { url: 'https://hooks.example.org/parley', types: ['message.posted', 'message.edited'] },
        },
      },
      async (request) => {
        const { url, description = '', types = [], conversation_id, service_id } = request.body;
        const filter = {
          types: once(types),
          conversation: conversation_id ?? null,
          service: service_id ?? null,
        };
        const made = await webhooks.create(askingOf(request), { url, description, filter });
        if (made instanceof Problem) return made;
        return { status: 201, body: { webhook: encodeWebhook(made.webhook), secret: made.secret } };
      },
    ),
    operation(
      {
        id: 'webhooks.list',
        rate: 'admin',
        method: 'GET',
        path,
        summary: 'Endpoints of the tenant, oldest first',
        access: 'principal',
        schemas: {},
        responses: {
          200: { description: 'All of them', schema: WebhookList },
          ...errors(401, 403, 404, 429, 503),
        },
      },
      async (request) => {
        const { by, tenant } = askingOf(request);
        const all = await webhooks.list(by, tenant);
        return all instanceof Problem ? all : { status: 200, body: { webhooks: all.map(encodeWebhook) } };
      },
    ),
  ];
}

function singleRoutes(webhooks: Webhooks): readonly Operation[] {
  return [
    operation(
      {
        id: 'webhooks.read',
        rate: 'admin',
        method: 'GET',
        path: `${path}/:id`,
        summary: 'An endpoint, how it fares, and how many deliveries wait for it',
        access: 'principal',
        schemas: { params: WebhookPath },
        responses: {
          200: { description: 'The endpoint', schema: WebhookRead },
          ...errors(401, 403, 404, 429, 503),
        },
      },
      async (request) => {
        const asked = askedOf(request);
        const read = asked instanceof Problem ? asked : await webhooks.read(asked);
        if (read instanceof Problem) return read;
        return { status: 200, body: { webhook: encodeWebhook(read.webhook), waiting: read.waiting } };
      },
    ),
    operation(
      {
        id: 'webhooks.change',
        rate: 'admin',
        method: 'PATCH',
        path: `${path}/:id`,
        summary: 'Changes an endpoint, pauses it, makes it active again',
        access: 'principal',
        schemas: { params: WebhookPath, body: ChangeWebhookRequest },
        responses: {
          200: { description: 'The endpoint', schema: WebhookAnswer },
          ...errors(400, 401, 403, 404, 429, 503),
        },
        example: { body: { status: 'paused' } },
      },
      async (request) => {
        const asked = askedOf(request);
        const changed =
          asked instanceof Problem ? asked : await webhooks.change(asked, decodeChanges(request.body));
        return changed instanceof Problem
          ? changed
          : { status: 200, body: { webhook: encodeWebhook(changed) } };
      },
    ),
    operation(
      {
        id: 'webhooks.delete',
        rate: 'admin',
        method: 'DELETE',
        path: `${path}/:id`,
        summary: 'Removes an endpoint, with its dead letters and what waits for it',
        access: 'principal',
        schemas: { params: WebhookPath },
        responses: { 204: { description: 'Removed', schema: null }, ...errors(401, 403, 404, 429, 503) },
      },
      async (request) => {
        const asked = askedOf(request);
        const refused = asked instanceof Problem ? asked : await webhooks.remove(asked);
        return refused ?? { status: 204 };
      },
    ),
  ];
}

function secretRoutes(webhooks: Webhooks): readonly Operation[] {
  return [
    operation(
      {
        id: 'webhooks.rotateSecret',
        rate: 'admin',
        method: 'POST',
        path: `${path}/:id/rotate-secret`,
        summary: 'Makes a new secret, shown once; the former one signs as well for a while',
        access: 'principal',
        schemas: { params: WebhookPath, body: RotateRequest },
        responses: {
          200: { description: 'The endpoint and its new secret', schema: WebhookWithSecret },
          ...errors(400, 401, 403, 404, 429, 503),
        },
        example: { body: { overlap_sec: 3_600 } },
      },
      async (request) => {
        const { overlap_sec = limits.webhookSecretOverlapSec } = request.body;
        const asked = askedOf(request);
        const made = asked instanceof Problem ? asked : await webhooks.rotateSecret(asked, overlap_sec);
        if (made instanceof Problem) return made;
        return { status: 200, body: { webhook: encodeWebhook(made.webhook), secret: made.secret } };
      },
    ),
    operation(
      {
        id: 'webhooks.test',
        rate: 'admin',
        method: 'POST',
        path: `${path}/:id/test`,
        summary: 'Posts `webhook.test` to the endpoint at once, and tells what came of it',
        access: 'principal',
        schemas: { params: WebhookPath },
        responses: {
          200: { description: 'What the endpoint answered', schema: TestAnswer },
          ...errors(401, 403, 404, 429, 503),
        },
      },
      async (request) => {
        const asked = askedOf(request);
        const tested = asked instanceof Problem ? asked : await webhooks.test(asked);
        if (tested instanceof Problem) return tested;
        const { isDelivered: delivered, status, reason, durationMs: duration_ms } = tested;
        return { status: 200, body: { delivered, status, reason, duration_ms } };
      },
    ),
  ];
}

const once = <T>(all: readonly T[]): readonly T[] => [...new Set(all)];

/** Absent fields stay as they are. */
function decodeChanges(body: ChangeWebhookRequest): WebhookChanges {
  const { url, description, types, conversation_id, service_id, status } = body;
  const filter = {
    ...(types === undefined ? {} : { types: once(types) }),
    ...(conversation_id === undefined ? {} : { conversation: conversation_id }),
    ...(service_id === undefined ? {} : { service: service_id }),
  };
  return {
    ...(url === undefined ? {} : { url }),
    ...(description === undefined ? {} : { description }),
    ...(Object.keys(filter).length === 0 ? {} : { filter }),
    ...(status === undefined ? {} : { status }),
  };
}
