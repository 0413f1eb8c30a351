/** What a request of an operation may look like, and its answers: as declared, else as its schemas say. */
import { Problem, type ProblemCode, problems } from '../../domain/problem.ts';
import type { HttpDialect, Operation, RequestContext } from '../operation.ts';
import { noSample, sampleOf } from './sample.ts';

/** Undefined: it takes no body, or nothing is known. */
export function requestExample({ example, schemas }: Operation): unknown {
  if (example?.body !== undefined) return example.body;
  return schemas.body === undefined ? undefined : orUndefined(sampleOf(schemas.body));
}

/** The status of success: the first that is declared below 400. */
export function successStatus({ responses }: Operation): number {
  return Number(Object.keys(responses).find((status) => Number(status) < 400) ?? 200);
}

/** Of the body of a success; undefined: there is none, or nothing is known. */
export function responseExample(operation: Operation): unknown {
  if (operation.example?.response !== undefined) return operation.example.response;
  const schema = operation.responses[successStatus(operation)]?.schema ?? null;
  return schema === null ? undefined : orUndefined(sampleOf(schema));
}

const codeOfStatus: Readonly<Record<number, ProblemCode>> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  500: 'internal',
  501: 'not_implemented',
  503: 'unavailable',
};

/** The body with which a dialect refuses; undefined for a status that no problem has. */
export function refusalExample(dialect: HttpDialect, status: number): unknown {
  const code = codeOfStatus[status];
  return code === undefined ? undefined : dialect.refuse(new Problem(code), exampleContext).body;
}

/** Code of a problem -> its body in this dialect, for each status that a request may be refused with. */
export function refusalExamples(dialect: HttpDialect): Readonly<Record<string, unknown>> {
  const codes = Object.values(codeOfStatus);
  return Object.fromEntries(codes.map((code) => [code, refusalExample(dialect, problems[code].status)]));
}

function orUndefined(sample: unknown): unknown {
  return sample === noSample ? undefined : sample;
}

const exampleContext: RequestContext = {
  requestId: '0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b77',
  traceparent: null,
  orgId: null,
  serviceId: null,
  env: null,
  dataClass: 'none',
  policyRef: null,
  idempotencyKey: null,
  asUserId: null,
  userAgent: null,
  ifNoneMatch: null,
  range: null,
  ifRange: null,
  acceptEncoding: null,
  entityId: null,
  address: '192.0.2.1',
  isSecure: true,
  cookie: '',
};
