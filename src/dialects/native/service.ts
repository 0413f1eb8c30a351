/** Requests over NATS (native.md §2): the frames that are answered, each a verb of the service. */

import { decodeJson, type JsonObject } from '../../contract/checking/json-text.ts';
import type { ServiceDialect, ServiceRequest } from '../../contract/service.ts';
import { compileFrames, isRefused } from '../../contract/sockets/frame.ts';
import type { Bus } from '../../core/bus.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { RateLimiter } from '../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Asker } from './asker.ts';
import { commandFrames } from './command-frames.ts';
import { isOver } from './decode.ts';
import { problemView } from './encode.ts';
import { pingFrame } from './ping-frame.ts';
import { readFrames } from './read-frames.ts';
import { readRequestContext, readServiceHeader, refuseOtherTenant } from './request-context.ts';

export interface NativeServiceDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly logger: Logger;
  readonly rates: RateLimiter;
}

export function nativeService(deps: NativeServiceDeps): ServiceDialect {
  const { bus, clock, directory, logger, rates } = deps;
  const ping = pingFrame<Asker>(() => clock);
  const verbs = [...commandFrames(bus, directory), ...readFrames(bus), ping];
  const read = compileFrames(verbs);

  async function run(op: string, fields: JsonObject, asker: Asker): Promise<object | Problem> {
    const checked = read({ ...fields, op });
    if (isRefused(checked)) return checked.problem;
    const answer = await checked.frame.run(asker, checked.fields, null);
    // These frames have a reply, and none of them sends it by itself.
    return typeof answer === 'object' && answer !== null ? answer : {};
  }

  /** A page that is larger than a message may be is asked for again, half as long. */
  async function runWithin(
    { op }: ServiceRequest,
    fields: JsonObject,
    asker: Asker,
    bytesMax: number,
  ): Promise<string | Problem> {
    for (let page = fields; ; ) {
      const answer = await run(op, page, asker);
      if (answer instanceof Problem) return answer;
      const reply = JSON.stringify({ ok: true, ...answer });
      if (!isOver(reply, bytesMax)) return reply;
      const entries = pageLength(answer);
      if (entries <= 1) return new Problem('too_large', 'The answer is larger than what NATS carries here.');
      page = { ...page, limit: Math.floor(entries / 2) };
    }
  }

  async function answer(
    principal: Principal,
    request: ServiceRequest,
    bytesMax: number,
  ): Promise<string | Problem> {
    // The server does not say from which address a request comes: the principal's own bucket it is.
    const rate = verbs.find(({ op }) => op === request.op)?.rate ?? 'write';
    const tooMany = rates.take(principal, { address: '' }, rate);
    if (tooMany !== null) return tooMany;
    const value = request.body.length === 0 ? {} : decodeJson(request.body);
    if (value instanceof Problem) return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return notAnObject();
    const refused = refuseOtherTenant(principal, request.header('X-Org-Id'));
    if (refused !== null) return refused;
    const context = readRequestContext((name) => request.header(name));
    if (context instanceof Problem) return context;
    const service = readServiceHeader(request.header('X-Service-Id'));
    if (service instanceof Problem) return service;
    const fields = request.op === 'create' && service !== null ? { service_id: service, ...value } : value;
    return await runWithin(request, fields, { principal, context }, bytesMax);
  }

  return {
    verbs,
    bodyBytesMax: limits.frameBytesMax,
    refuse,
    async answer(principal, request, replyBytesMax) {
      try {
        const reply = await answer(principal, request, replyBytesMax);
        if (!(reply instanceof Problem)) return { reply, refusal: null };
        return { reply: refuse(reply), refusal: reply };
      } catch (error) {
        logger.error({ error, op: request.op }, 'A request over NATS could not be handled');
        const refusal = new Problem('internal');
        return { reply: refuse(refusal), refusal };
      }
    },
  };
}

/** How many entries a page of history or list holds; 0 for other replies. */
function pageLength(reply: object): number {
  const { events, conversations } = reply as { events?: unknown; conversations?: unknown };
  const entries = events ?? conversations;
  return Array.isArray(entries) ? entries.length : 0;
}

function refuse(problem: Problem): string {
  return JSON.stringify({ ok: false, problem: problemView(problem) });
}

function notAnObject(): Problem {
  return new Problem('invalid_request', 'A request is a JSON object.', { reason: 'not_an_object' });
}
