/** What a client of Symbia asks before anything else: what is where, and what things are called. */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation } from '../../../contract/operation.ts';

const Texts = Type.Array(Type.String());
const Texted = <K extends string>(...names: readonly K[]) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.String()])) as Record<K, typeof Text>);
const Text = Type.String();

export const BootstrapBody = Type.Object(
  {
    service: Type.Literal('messaging'),
    version: Type.String({ description: 'Of the API.' }),
    description: Text,
    docsUrls: Texted(
      ...['openapi', 'llms', 'llmsFull', 'openapiDirect', 'openapiApi', 'llmsApi', 'llmsFullApi'],
    ),
    endpoints: Texted('auth', 'rest', 'admin', 'websocket'),
    authentication: Texts,
    websocketEvents: Type.Object({ client: Texts, server: Texts }),
  },
  { title: 'Bootstrap' },
);
export type BootstrapBody = Static<typeof BootstrapBody>;

const controlEvents = ['pause', 'resume', 'preempt', 'route', 'handoff', 'cancel', 'priority'];

/** The names that upstream tells, in its order: all that its own clients know (symbia.md §5, §8). */
export const bootstrap: BootstrapBody = {
  service: 'messaging',
  version: '1.0.0',
  description: 'Real-time messaging bus for users, agents, and services.',
  docsUrls: {
    openapi: '/docs/openapi.json',
    llms: '/docs/llms.txt',
    llmsFull: '/docs/llms-full.txt',
    openapiDirect: '/openapi.json',
    openapiApi: '/api/openapi.json',
    llmsApi: '/api/docs/llms.txt',
    llmsFullApi: '/api/docs/llms-full.txt',
  },
  endpoints: { auth: '/api/auth', rest: '/api', admin: '/api/admin', websocket: '/' },
  authentication: ['Bearer token (Authorization: Bearer <token>)', 'API key (X-API-Key)', 'Session cookie'],
  websocketEvents: {
    client: [
      ...['join:conversation', 'leave:conversation', 'message:send', 'message:edit', 'message:delete'],
      ...['control:send', 'typing:start', 'typing:stop', 'presence:update'],
    ],
    server: [
      ...['message:new', 'message:updated', 'message:deleted', 'typing:started', 'typing:stopped'],
      ...['presence:changed', ...controlEvents.map((name) => `stream.${name}`)],
    ],
  },
};

export const NamespaceBody = Type.Object(
  {
    namespace: Type.String(),
    description: Type.String(),
    properties: Type.Record(Type.String(), Type.Object({ type: Type.String(), description: Type.String() })),
  },
  { title: 'Namespace' },
);

const namespace: Static<typeof NamespaceBody> = {
  namespace: 'messaging',
  description: bootstrap.description,
  properties: {
    conversations: { type: 'array', description: 'Conversations that the caller takes part in.' },
    participants: { type: 'array', description: 'Who takes part in a conversation, and in which role.' },
    messages: { type: 'array', description: 'What was said in a conversation, in order.' },
  },
};

export function bootstrapRoutes(): readonly Operation[] {
  const told = (name: string, path: string): Operation =>
    operation(
      {
        id: `symbia.${name}`,
        method: 'GET',
        path,
        summary: 'What is where, and what events are called',
        access: 'public',
        schemas: {},
        responses: { 200: { description: 'The service.', schema: BootstrapBody } },
        example: { response: bootstrap },
      },
      () => ({ status: 200, body: bootstrap }),
    );
  return [
    told('bootstrap', '/api/bootstrap'),
    told('bootstrapService', '/api/bootstrap/service'),
    operation(
      {
        id: 'symbia.namespace',
        method: 'GET',
        path: '/symbia-namespace',
        summary: 'What scripts find under the name of this service',
        access: 'public',
        schemas: {},
        responses: { 200: { description: 'The namespace.', schema: NamespaceBody } },
        example: { response: namespace },
      },
      () => ({ status: 200, body: namespace }),
    ),
  ];
}
