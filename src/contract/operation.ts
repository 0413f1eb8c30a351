/**
 * How an HTTP endpoint is declared: once, with its schemas. From one declaration come the compiled
 * check, the handler's types and OpenAPI. Adapters run operations, dialects declare them.
 */
import type { Static, TObject, TSchema } from '@sinclair/typebox';
import type { DataClass } from '../domain/event.ts';
import type { RateClass } from '../domain/limiting/rates.ts';
import type { Principal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * `public`: anybody. `principal`: a valid credential. `optional`: principal or null. `open`: the same, but a
 * credential that is shown must be valid.
 */
export type Access = 'public' | 'principal' | 'optional' | 'open';

/** The headers that mean something in every dialect (common.md), already checked. */
export interface RequestContext {
  /** Echoed as x-request-id / x-trace-id; ours when the client sent none. */
  readonly requestId: string;
  readonly traceparent: string | null;
  /** X-Org-Id, already checked against the principal's tenant (a super admin may name any); null when absent. */
  readonly orgId: string | null;
  readonly serviceId: string | null;
  /** X-Env; null when absent: no filter. */
  readonly env: 'dev' | 'stage' | 'prod' | null;
  readonly dataClass: DataClass;
  readonly policyRef: string | null;
  readonly idempotencyKey: string | null;
  /** X-As-User-Id, honoured only by routes that say so. */
  readonly asUserId: string | null;
  readonly userAgent: string | null;
  /** If-None-Match as it came: what the client has already. */
  readonly ifNoneMatch: string | null;
  /** Range and If-Range as they came: which part of it the client wants, and of which version. */
  readonly range: string | null;
  readonly ifRange: string | null;
  /** Accept-Encoding as it came: which compressed copies the client takes. */
  readonly acceptEncoding: string | null;
  /** X-Entity-Id as it came: whose records are meant, where a route says so. */
  readonly entityId: string | null;
  /** Address of the client as text: of the connection, or what a trusted proxy says. */
  readonly address: string;
  /** The client came by TLS, to us or to a trusted proxy: a cookie that is set may be `Secure`. */
  readonly isSecure: boolean;
  /**
   * The Cookie header as it came; '' when absent, and when what it would change may be the wish of a stranger's
   * page. For who passes it on: credentials are read already.
   */
  readonly cookie: string;
}

/** A body that is handed over as it comes, for operations that say `streamsBody`. */
export interface BodyStream {
  /** Content-Type as it came; '' when absent. */
  readonly contentType: string;
  /** As announced; null for a chunked body. */
  readonly lengthBytes: number | null;
  /**
   * To be read once; the connection is paused while nobody reads. A piece is valid until the next one is asked
   * for. A Problem is the last piece and says why there
   * are no more: the client went away, was too slow, or sent more than `bodyBytesMax`.
   */
  readonly pieces: AsyncIterable<Uint8Array | Problem>;
}

export interface OperationRequest<Params, Query, Body> extends RequestContext {
  /** Set unless the operation is public. For `optional` and `open` use `caller`. */
  readonly principal: Principal;
  readonly caller: Principal | null;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Set for operations that say `streamsBody`. */
  readonly stream: BodyStream | null;
  /**
   * Aborts when nobody waits for the answer any more: the client went away, or has its answer. Made when it is asked
   * for, so that only who waits for long pays for it. A listener must not throw.
   */
  readonly gone: AbortSignal;
}

/** A body that is read piece by piece as the client takes it. */
export interface ReplyStream {
  /**
   * Exactly what the pieces have together; at least 1. Fewer end the connection. Null: nobody knows, and each piece is
   * sent at once (server-sent events); such a reply is open for limits.openReplyMsMax at most.
   */
  readonly lengthBytes: number | null;
  /**
   * The next piece is asked for when the one before is needed no more. A Problem instead of the first piece is the
   * answer; a later one ends the connection, for the status is gone already. When nobody reads any more (the client
   * went away, HEAD), the iterator's return() is called, while a piece is waited for, too.
   */
  readonly pieces: AsyncIterable<Uint8Array | Problem>;
  /** The last piece of a reply of unknown length that we end: it was open too long, or the node closes. */
  readonly farewell?: Uint8Array;
}

export interface Reply {
  readonly status: number;
  /** Encoded as JSON unless `text` is given; undefined: an empty body. */
  readonly body?: unknown;
  /** Already encoded body, with `contentType`. */
  readonly text?: string | Uint8Array;
  /** Instead of them, with `contentType`. */
  readonly stream?: ReplyStream;
  readonly contentType?: string;
  /** A list is sent as several headers of that name (Set-Cookie). */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export interface OperationSchemas {
  readonly params?: TObject;
  readonly query?: TObject;
  /** A zero-length body is parsed as `{}`. */
  readonly body?: TSchema;
}

type StaticOr<S, Otherwise> = S extends TSchema ? Static<S> : Otherwise;
export type RequestOf<S extends OperationSchemas> = OperationRequest<
  StaticOr<S['params'], Record<string, string>>,
  StaticOr<S['query'], Record<string, string>>,
  StaticOr<S['body'], undefined>
>;

export interface ResponseDeclaration {
  readonly description: string;
  readonly schema: TSchema | null;
  /** Media type of this answer where it is not that of the others. */
  readonly contentType?: string;
}

export interface OperationDeclaration<S extends OperationSchemas> {
  /** Unique in the whole process: `symbia.postMessage`. */
  readonly id: string;
  readonly method: Method;
  /** Parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly schemas: S;
  /**
   * Looks at the path before anybody is asked who it is: a refusal answers the request. A parameter that is no
   * percent-encoded UTF-8 is missing.
   */
  readonly guard?: (params: Readonly<Record<string, string | undefined>>) => Problem | null;
  /**
   * Looks at who asks, before anything else that the request brings counts, its size included: a refusal answers the
   * request.
   */
  readonly admit?: (principal: Principal) => Problem | null;
  /** The body may be a form of a page, too: flat, every value a text. */
  readonly takesForms?: true;
  /** What is sent to it must be an object, also where it takes no body: what is in there is not looked at then. */
  readonly refusesNonObjects?: true;
  /** The body is any bytes, up to `bodyBytesMax`: `stream` of the request hands them over as they come. */
  readonly streamsBody?: true;
  /** What such a body may be, by media type: for the documents; absent: anything. */
  readonly bodyTypes?: Readonly<Record<string, TObject>>;
  /** Status -> schema of the body (null: empty) and, for the documents, a sentence. */
  readonly responses: Readonly<Record<number, ResponseDeclaration>>;
  /** Examples for OpenAPI; checked against the schemas by a test. */
  readonly example?: { readonly body?: unknown; readonly response?: unknown };
  /** Body limit in bytes where it differs from limits.bodyBytesMax. */
  readonly bodyBytesMax?: number;
  /** Which token bucket it takes from; default `read` for GET, else `write`. */
  readonly rate?: RateClass;
  /** Machines ask it every few seconds: it is never traced, or a collector would hold little else. */
  readonly isProbe?: true;
  /** Group in the documents where it differs from the dialect's title. */
  readonly tag?: string;
  /** Media type of the answer where it is not JSON: for the documents. */
  readonly contentType?: string;
  /** Another address of something that is documented: the documents leave it out. */
  readonly isAlias?: true;
}

/** A declaration bound to what answers it. `answer` never throws for what a client sent. */
export interface Operation extends OperationDeclaration<OperationSchemas> {
  readonly answer: (
    request: OperationRequest<never, never, never>,
  ) => Promise<Reply | Problem> | Reply | Problem;
}

/** Declares an endpoint; keeps the handler's types bound to the schemas. */
export function operation<S extends OperationSchemas>(
  declaration: OperationDeclaration<S>,
  answer: (request: RequestOf<S>) => Promise<Reply | Problem> | Reply | Problem,
): Operation {
  return { ...declaration, answer: answer as unknown as Operation['answer'] };
}

/** What a request brings, as it came. */
export interface RawInput {
  /** Decoded parameters of the path; null: no percent-encoded UTF-8. */
  readonly params: Readonly<Record<string, string | null>>;
  /** Without its `?`. */
  readonly query: string;
  /** Content-Type; '' when absent. */
  readonly contentType: string;
  /** Null when there was none. Valid until the reader returns. */
  readonly body: Uint8Array | null;
}

/** What the schemas of an operation are the types of. */
export interface ReadInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** One API in HTTP: its operations and how it words refusals. */
export interface HttpDialect {
  readonly name: string;
  readonly title: string;
  /** What it is for, in a sentence or two: for the documents. */
  readonly description?: string;
  /** Path prefixes whose unknown routes (404), wrong methods (405) and malformed requests this dialect words. */
  readonly prefixes: readonly string[];
  readonly operations: readonly Operation[];
  /**
   * Reads what requests bring in place of the front end, which stops at the first part that is wrong. For APIs
   * that tell everything that is wrong at once. Asked once for each operation.
   */
  readonly inputReader?: (operation: Operation) => (raw: RawInput) => ReadInput | Problem;
  /** The dialect's body for a refusal; `request` is null when it could not be read that far. */
  readonly refuse: (problem: Problem, context: RequestContext) => Reply;
  /** Tokens of guests count as bearers (ADR 0024). */
  readonly takesGuests?: true;
  /** Who shows no credential acts as this one, wherever one is asked for; absent or null: is refused. */
  readonly anonymous?: Principal | null;
  /** Headers on every answer of this dialect (Cache-Control…). */
  readonly headers?: Readonly<Record<string, string>>;
  /** Schema of the body that `refuse` makes: for the documents. */
  readonly refusal?: TSchema;
  /** A second header that echoes what the client sent as it, else the request id (which x-request-id always does). */
  readonly requestIdHeader?: 'x-trace-id';
}
