/** The headers of common.md, checked, as operations see them. */
import type { HttpResponse } from 'uWebSockets.js';
import type { BodyStream, OperationRequest } from '../../../contract/operation.ts';
import type { DataClass } from '../../../domain/event.ts';
import { isSpellingOf } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { isTraceparent } from '../../../domain/trace-context.ts';
import { type ClientSide, clientSide, type TrustedProxies, wholeAddress } from '../gate/client-address.ts';
import type { RequestHeaders } from './http-headers.ts';

type Env = 'dev' | 'stage' | 'prod';
const envs: readonly string[] = ['dev', 'stage', 'prod'] satisfies Env[];
const dataClasses: readonly string[] = ['none', 'pii', 'phi', 'secret'] satisfies DataClass[];

const visibleAscii = /^[\x21-\x7e]+$/;
// Control characters cannot come in; U+FFFD is what the transport makes of bytes that are not UTF-8.
const unreadable = /[\p{Cc}\uFFFD]/u;

/** How requests reach this front end. */
export interface Arrival {
  readonly proxies: TrustedProxies;
  /** By TLS to us, without a proxy. */
  readonly isTls: boolean;
}

/** What the headers of common.md say; null where they do not. */
export interface HeaderContext {
  orgId: string | null;
  serviceId: string | null;
  env: Env | null;
  dataClass: DataClass;
  policyRef: string | null;
  idempotencyKey: string | null;
  asUserId: string | null;
}

/** An operation's request, filled in step by step; what is null was absent. */
export class RequestState implements OperationRequest<never, never, never>, HeaderContext {
  readonly requestId: string;
  readonly traceparent: string | null;
  readonly userAgent: string | null;
  readonly ifNoneMatch: string | null;
  readonly range: string | null;
  readonly ifRange: string | null;
  readonly acceptEncoding: string | null;
  readonly entityId: string | null;
  orgId: string | null = null;
  serviceId: string | null = null;
  env: Env | null = null;
  dataClass: DataClass = 'none';
  policyRef: string | null = null;
  idempotencyKey: string | null = null;
  asUserId: string | null = null;
  caller: Principal | null = null;
  params: never = undefined as never;
  query: never = undefined as never;
  body: never = undefined as never;
  stream: BodyStream | null = null;
  /** Set where it may count. */
  cookie = '';
  readonly #response: HttpResponse;
  readonly #headers: RequestHeaders;
  readonly #arrival: Arrival;
  #client: ClientSide | null = null;
  #isGone = false;
  #leaving: AbortController | null = null;

  constructor(response: HttpResponse, headers: RequestHeaders, arrival: Arrival, newId: () => string) {
    this.#response = response;
    this.#headers = headers;
    this.#arrival = arrival;
    this.requestId = usableId(headers.requestId) ?? usableId(headers.traceId) ?? newId();
    this.traceparent = isTraceparent(headers.traceparent) ? headers.traceparent : null;
    this.ifNoneMatch = headers.ifNoneMatch === '' ? null : headers.ifNoneMatch;
    this.range = headers.range === '' ? null : headers.range;
    this.ifRange = headers.ifRange === '' ? null : headers.ifRange;
    this.acceptEncoding = headers.acceptEncoding === '' ? null : headers.acceptEncoding;
    this.entityId = headers.entityId === '' ? null : headers.entityId;
    this.userAgent = headers.userAgent === '' ? null : headers.userAgent.slice(0, limits.headerValueCharsMax);
  }

  /** What x-trace-id echoes, where a dialect answers with it: that of the client, which may send both. */
  get traceId(): string {
    return usableId(this.#headers.traceId) ?? this.requestId;
  }

  /** Of an operation that is not public. */
  get principal(): Principal {
    return this.caller as Principal;
  }

  /**
   * Asked of the socket when somebody wants to know, because it costs a microsecond. Once the request is
   * over, an address that nobody asked for is ''.
   */
  get address(): string {
    return this.client.address;
  }

  get isSecure(): boolean {
    return this.#arrival.proxies.isEmpty ? this.#arrival.isTls : this.client.isSecure;
  }

  /** The request as its client made it, seen through the proxies that are trusted. */
  get client(): ClientSide {
    if (this.#client !== null) return this.#client;
    if (this.#isGone) return { address: '', isSecure: this.#arrival.isTls, host: '' };
    const peer = Buffer.from(this.#response.getRemoteAddressAsText()).toString('latin1');
    const { proxies, isTls } = this.#arrival;
    this.#client = clientSide(proxies, wholeAddress(peer), isTls, this.#headers);
    return this.#client;
  }

  /** Host as the client wrote it, in lower case. */
  get host(): string {
    return this.#arrival.proxies.isEmpty ? this.#headers.host.toLowerCase() : this.client.host;
  }

  /** Asks now, for operations that may want to know it after the client is gone (a login that failed). */
  keepAddress(): void {
    if (this.address === '') this.#client = { ...this.client, address: 'unknown' };
  }

  get gone(): AbortSignal {
    if (this.#leaving === null) {
      this.#leaving = new AbortController();
      if (this.#isGone) this.#leaving.abort();
    }
    return this.#leaving.signal;
  }

  /** The response is gone: it must not be asked any more. */
  forgetResponse(): void {
    this.#isGone = true;
    this.#leaving?.abort();
  }
}

/** Fills the context from the headers; the first header that is wrong is the refusal. */
export function readContext(state: HeaderContext, headers: RequestHeaders): Problem | null {
  state.orgId = headers.orgId === '' ? null : headers.orgId;
  state.serviceId = headers.serviceId === '' ? null : headers.serviceId;
  state.policyRef = headers.policyRef === '' ? null : headers.policyRef;
  state.asUserId = headers.asUserId === '' ? null : headers.asUserId;
  const env = headers.env === '' ? headers.environment : headers.env;
  if (env !== '') {
    if (!envs.includes(env)) return refuse(headers.env === '' ? 'X-Environment' : 'X-Env', 'not_allowed');
    state.env = env as Env;
  }
  if (headers.dataClass !== '') {
    if (!dataClasses.includes(headers.dataClass)) return refuse('X-Data-Class', 'not_allowed');
    state.dataClass = headers.dataClass as DataClass;
  }
  if (headers.idempotencyKey !== '') {
    if (!visibleAscii.test(headers.idempotencyKey)) return refuse('Idempotency-Key', 'format');
    if (headers.idempotencyKey.length > limits.clientIdCharsMax) {
      return refuse('Idempotency-Key', 'too_long', limits.clientIdCharsMax);
    }
    state.idempotencyKey = headers.idempotencyKey;
  }
  return (
    checkText('X-Org-Id', state.orgId, limits.headerValueCharsMax) ??
    checkText('X-Service-Id', state.serviceId, limits.principalIdCharsMax) ??
    checkText('X-Policy-Ref', state.policyRef, limits.policyRefCharsMax) ??
    checkText('X-As-User-Id', state.asUserId, limits.principalIdCharsMax)
  );
}

/** X-Org-Id names the caller's tenant, or the caller is a super admin (common.md). */
export function checkTenant(orgId: string | null, caller: Principal | null): Problem | null {
  if (orgId === null || caller === null || caller.superAdmin) return null;
  if (isSpellingOf(orgId, caller.tenant)) return null;
  return new Problem('forbidden', 'X-Org-Id names another organization.', { reason: 'other_tenant' });
}

function checkText(name: string, text: string | null, charsMax: number): Problem | null {
  if (text === null) return null;
  if (text.length > charsMax) return refuse(name, 'too_long', charsMax);
  return unreadable.test(text) ? refuse(name, 'format') : null;
}

function refuse(path: string, reason: string, limit?: number): Problem {
  const field = limit === undefined ? { path, reason } : { path, reason, limit };
  return new Problem('invalid_request', `The header ${path} is not valid.`, { fields: [field] });
}

/** A request id as it may be echoed; null: it may not. */
export function usableId(given: string): string | null {
  const isUsable = given !== '' && given.length <= limits.requestIdCharsMax && visibleAscii.test(given);
  return isUsable ? given : null;
}
