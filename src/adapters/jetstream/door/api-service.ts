/**
 * `api.<tenant>.<principal>.<verb>`: a NATS micro service, one endpoint for each verb, that any node answers.
 *
 * The subject proves who asks, because nobody else may publish to it. The reply subject proves nothing: it is
 * the asker's choice and our right to publish. So a request is done and answered only when its reply subject
 * lies in an inbox of the one who asks; every other one is dropped without a word, because there is nobody to
 * whom it could be said.
 */
import { type Service, type ServiceMsg, Svcm } from '@nats-io/services';
import { Match, headers as newHeaders } from '@nats-io/transport-node';
import type { ServiceDialect } from '../../../contract/service.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { isTraceparent } from '../../../domain/trace-context.ts';
import type { NamedPrincipal, NamedPrincipals } from '../../../ports/identity/named-principals.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Tracing } from '../../../ports/tracing.ts';
import type { KeptConnection } from '../connections/connection.ts';
import { type OutboundWindow, openOutboundWindow } from '../connections/outbound-window.ts';
import { untoken } from '../subjects.ts';
import { inboxesOf, isReplyIn } from './inboxes.ts';

export interface ApiServiceDeps {
  readonly dialect: ServiceDialect;
  readonly named: NamedPrincipals;
  readonly version: string;
  readonly log: Logger;
  /** Told of each refusal, said or not. */
  readonly onRefused: (problem: Problem) => void;
  readonly tracing: Tracing;
}

export interface ApiService {
  /** Takes no more requests, and resolves when those in hand are answered or limits.drainRequestsMs is over. */
  close(): Promise<void>;
}

export async function openApiService(
  kept: KeptConnection,
  { dialect, named, version, log, onRefused, tracing }: ApiServiceDeps,
): Promise<ApiService> {
  const { connection } = kept;
  // A page of history is a thousand times its request: who asks reads no faster than nats-server takes the answers.
  const window = openOutboundWindow(() => connection.flush());
  kept.onDisconnect(() => window.reset());
  const inFlight = new Map<string, number>();
  let total = 0;
  let onIdle: () => void = () => undefined;

  /** Whoever is refused still has the inbox that goes with the id. */
  async function ownInbox(
    tenant: string,
    id: string,
    found: NamedPrincipal | Problem,
  ): Promise<readonly string[]> {
    const ownsId = found instanceof Problem ? await named.ownsId(tenant, id) : found.ownsId;
    return inboxesOf(tenant, id, ownsId === true);
  }

  async function handle(op: string, message: ServiceMsg): Promise<void> {
    const [, tenantToken = '', selfToken = ''] = message.subject.split('.');
    const asker = `${tenantToken}.${selfToken}`;
    const [tenant, id] = [untoken(tenantToken), untoken(selfToken)];
    const mine = inFlight.get(asker) ?? 0;
    const isBusy =
      total >= limits.natsRequestsInFlightMax ||
      mine >= limits.natsRequestsInFlightPerPrincipalMax ||
      window.isFull;
    // Whose inbox it is must be looked up, too, and that is what there is too much of.
    if (total >= 2 * limits.natsRequestsInFlightMax || window.isBursting)
      return onRefused(overloaded('nats_door'));
    total += 1;
    inFlight.set(asker, mine + 1);
    try {
      const found = await named.find(tenant, id);
      if (!isReplyIn(await ownInbox(tenant, id, found), message.reply)) return;
      if (isBusy) return refuse(message, overloaded('nats_door'));
      if (found instanceof Problem) return refuse(message, found);
      await answer(op, found, message);
    } finally {
      total -= 1;
      const left = (inFlight.get(asker) ?? 1) - 1;
      if (left > 0) inFlight.set(asker, left);
      else inFlight.delete(asker);
      if (total === 0) onIdle();
    }
  }

  async function answer(op: string, { principal }: NamedPrincipal, message: ServiceMsg): Promise<void> {
    if (message.data.length > dialect.bodyBytesMax) return refuse(message, new Problem('too_large'));
    const replyBytesMax = (connection.info?.max_payload ?? 1_048_576) - limits.natsReplyHeadBytesMax;
    // Libraries that know HTTP write `Traceparent`, others `x-data-class`; unheard, a secret would be indexed.
    const header = (name: string): string => message.headers?.values(name, Match.IgnoreCase)[0] ?? '';
    const request = { op, body: message.data, header };
    const ask = (): ReturnType<ServiceDialect['answer']> => dialect.answer(principal, request, replyBytesMax);
    const { reply, refusal } = await (tracing.isOn
      ? traced(op, principal, header('traceparent'), ask)
      : ask());
    if (refusal !== null) onRefused(refusal);
    respond(window, message, reply, refusal);
  }

  async function traced(
    op: string,
    { tenant, id: principal }: Principal,
    given: string,
    ask: () => ReturnType<ServiceDialect['answer']>,
  ): ReturnType<ServiceDialect['answer']> {
    const parent = isTraceparent(given) ? given : null;
    const facts = { 'messaging.system': 'nats', tenant, principal };
    const span = tracing.begin({ name: `api ${op}`, kind: 'server', parent, facts });
    const answered = await tracing.within(span, ask);
    span?.end(answered.refusal?.code);
    return answered;
  }

  function refuse(message: ServiceMsg, problem: Problem): void {
    onRefused(problem);
    respond(window, message, dialect.refuse(problem), problem);
  }

  const service = await addService(connection, dialect, version, (op, message) => {
    // The framework answers what is thrown here to whatever reply subject there is, so nothing is thrown.
    handle(op, message).catch((error: unknown) => log.error({ error, op }, 'A request could not be handled'));
  });
  return {
    async close() {
      await service.stop().catch(() => undefined); // a connection that is lost cannot unsubscribe
      if (total === 0) return;
      await new Promise<void>((resolve) => {
        onIdle = resolve;
        setTimeout(resolve, limits.drainRequestsMs).unref();
      });
    },
  };
}

function respond(window: OutboundWindow, message: ServiceMsg, reply: string, refusal: Problem | null): void {
  window.add(Buffer.byteLength(reply) + limits.natsReplyHeadBytesMax);
  answer(message, reply, refusal);
  window.written();
}

function answer(message: ServiceMsg, reply: string, refusal: Problem | null): void {
  if (refusal === null) {
    message.respond(reply);
    return;
  }
  // What micro clients look at, whatever the body is.
  const headers = newHeaders();
  headers.set('Nats-Service-Error-Code', String(refusal.status));
  headers.set('Nats-Service-Error', refusal.code);
  message.respond(reply, { headers });
}

async function addService(
  connection: KeptConnection['connection'],
  { verbs }: ServiceDialect,
  version: string,
  onRequest: (op: string, message: ServiceMsg) => void,
): Promise<Service> {
  const service = await new Svcm(connection).add({
    name: 'parley',
    version,
    description:
      'Conversations of Parley: api.<tenant>.<principal>.<verb>, answered to the inbox of that principal',
    queue: 'parley',
  });
  for (const { op, summary } of verbs) {
    service.addEndpoint(op.replaceAll('.', '-'), {
      subject: `api.*.*.${op}`,
      metadata: { summary },
      handler: (_error, message) => onRequest(op, message),
    });
  }
  return service;
}
