/** What those who run Parley ask of it: is it alive, is it ready, what does it count, where is what. */
import { type TSchema, Type } from '@sinclair/typebox';
import { documentPaths } from '../contract/documents/reference/whole-reference.ts';
import {
  type HttpDialect,
  type Operation,
  type OperationDeclaration,
  operation,
  type Reply,
} from '../contract/operation.ts';
import type { Problem } from '../domain/problem.ts';
import { formatMicros } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { ConsoleFiles } from '../ports/http/console-files.ts';
import { consoleRoutes } from './console.ts';
import { type Documents, documentRoutes } from './documents.ts';
import { type ReadyCheck, readReadiness } from './readiness.ts';

export type { ReadyCheck } from './readiness.ts';

export interface OpsDeps {
  readonly version: string;
  readonly node: string;
  readonly clock: Clock;
  readonly checks: readonly ReadyCheck[];
  readonly isDraining: () => boolean;
  /** Prometheus text and its media type. */
  readonly metrics: () => Promise<string>;
  readonly metricsContentType: string;
  /** Public keys of the access tokens: `{keys: […]}`. */
  readonly jwks: () => Promise<object> | object;
  readonly documents: Documents;
  /** Null where it was not built. */
  readonly console: ConsoleFiles | null;
  /** What else the index names: path -> what is there. */
  readonly links?: Readonly<Record<string, string>>;
}

const Refusal = Type.Object(
  { error: Type.Object({ code: Type.String(), message: Type.String() }) },
  { title: 'Error' },
);
const Health = Type.Object({
  status: Type.Literal('ok'),
  timestamp: Type.String({ format: 'date-time' }),
});
const Ready = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('unready'), Type.Literal('draining')]),
  checks: Type.Record(Type.String(), Type.String(), {
    examples: [{ nats: 'ok', postgres: 'ok', projection: 'ok' }],
  }),
});
const Index = Type.Object({
  name: Type.String({ examples: ['parley'] }),
  version: Type.String({ examples: ['0.1.0'] }),
  node: Type.String({ examples: ['Yk3mQ0sVb1xZ'] }),
  links: Type.Record(Type.String(), Type.String(), { examples: [{ '/healthz': 'the process listens' }] }),
});
const Keys = Type.Object({
  keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
    examples: [[{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: '1', x: 'x0qlbA4Rk3yCw2eG' }]],
  }),
});

/** The operational endpoints. Public: nothing here tells more than that a node runs and how well. */
export function opsDialect(deps: OpsDeps): HttpDialect {
  return {
    name: 'ops',
    title: 'Operations',
    description:
      'Is the node alive, is it ready, what does it count, where is what. Nothing here needs a credential.',
    prefixes: ['/healthz', '/readyz', '/metrics', '/docs', '/console', '/.well-known'],
    refusal: Refusal,
    refuse,
    headers: { 'Cache-Control': 'no-store' },
    operations: [
      get('/docs/index.json', 'index', 'Where what is', Index, () => ({ status: 200, body: indexOf(deps) })),
      ...probes(deps),
      get('/.well-known/jwks.json', 'jwks', 'Public keys of the access tokens', Keys, async () => ({
        status: 200,
        body: await deps.jwks(),
        headers: { 'Cache-Control': 'public, max-age=300' },
      })),
      ...documentRoutes(deps.documents),
      ...consoleRoutes(deps.console),
    ],
  };
}

function probes(deps: OpsDeps): readonly Operation[] {
  const all = [
    get('/healthz', 'health', 'The process listens', Health, () => ({
      status: 200,
      body: { status: 'ok', timestamp: formatMicros(deps.clock.nowMicros()) },
    })),
    readyOperation(deps),
    get(
      '/metrics',
      'metrics',
      'Prometheus metrics',
      Type.String({ examples: ['parley_sockets{node="Yk3mQ0sVb1xZ"} 12'] }),
      async () => ({
        status: 200,
        text: await deps.metrics(),
        contentType: deps.metricsContentType,
      }),
      'text/plain',
    ),
  ];
  return all.map((one) => ({ ...one, isProbe: true }));
}

function readyOperation({ checks, clock, isDraining }: OpsDeps): Operation {
  const declaration = declare('/readyz', 'ready', 'The node can do its work', Ready);
  const responses = {
    ...declaration.responses,
    503: { description: 'It cannot, or is about to end', schema: Ready },
  };
  // Nobody needs a credential to ask: however many do, the servers are asked once at a time.
  let underWay: ReturnType<typeof readReadiness> | null = null;
  const ask = (): ReturnType<typeof readReadiness> => {
    underWay ??= readReadiness(checks, clock).finally(() => {
      underWay = null;
    });
    return underWay;
  };
  return operation({ ...declaration, responses }, async () => {
    const readiness = await ask();
    const status = isDraining() ? 'draining' : readiness.isReady ? 'ready' : 'unready';
    return { status: status === 'ready' ? 200 : 503, body: { status, checks: readiness.checks } };
  });
}

function get(
  path: string,
  name: string,
  summary: string,
  schema: TSchema,
  answer: () => Promise<Reply> | Reply,
  contentType?: string,
): Operation {
  const declaration = declare(path, name, summary, schema);
  return operation(contentType === undefined ? declaration : { ...declaration, contentType }, answer);
}

function declare(
  path: string,
  name: string,
  summary: string,
  schema: TSchema,
): OperationDeclaration<Record<never, never>> {
  const responses = { 200: { description: summary, schema } };
  return { id: `ops.${name}`, method: 'GET', path, summary, access: 'public', schemas: {}, responses };
}

function indexOf({ version, node, links }: OpsDeps): object {
  const own = {
    '/healthz': 'the process listens',
    '/readyz': 'the node can do its work',
    '/metrics': 'Prometheus metrics',
    ...Object.fromEntries(documentPaths),
    '/console': 'the web console',
    '/.well-known/jwks.json': 'public keys of the access tokens',
  };
  return { name: 'parley', version, node, links: { ...own, ...links } };
}

function refuse({ status, code, message }: Problem): Reply {
  return { status, body: { error: { code, message } } };
}
