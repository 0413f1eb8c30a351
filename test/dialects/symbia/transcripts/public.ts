/** Contract §4, public: health, bootstrap, namespace and documents; nobody shows a credential here. */

import type { Shape, Step, Transcript } from '../../../kit/transcripts/step.ts';
import { anything, text, time } from './shapes.ts';

const asked = (path: string, body: Shape): Step => ({
  name: 'anybody',
  as: 'nobody',
  request: `GET ${path}`,
  expect: { status: 200, headers: { 'content-type': /^application\/json/ }, body },
});

const well = { status: 'ok', timestamp: time };
/** Of ElizaOS, whose paths these are, too. */
const wellForBoth = { ...well, version: text, dependencies: { agents: 'unknown' } };

const bootstrap = {
  service: 'messaging',
  version: '1.0.0',
  description: text,
  docsUrls: {
    openapi: '/docs/openapi.json',
    llms: '/docs/llms.txt',
    llmsFull: '/docs/llms-full.txt',
    openapiDirect: text,
    openapiApi: text,
    llmsApi: text,
    llmsFullApi: text,
  },
  endpoints: { auth: text, rest: text, admin: text, websocket: '/' },
  authentication: [text, text, text],
  websocketEvents: {
    client: Array.from({ length: 9 }, () => text),
    server: Array.from({ length: 13 }, () => text),
  },
};

const property = { type: text, description: text };

/** Documents may be kept for minutes, and belong to no dialect. */
const ofDocuments = { 'cache-control': 'public, max-age=300', 'x-trace-id': null };

const document = (path: string, contentType: RegExp): Step => ({
  name: 'anybody',
  as: 'nobody',
  request: `GET ${path}`,
  expect: { status: 200, headers: { ...ofDocuments, 'content-type': contentType }, body: anything },
});

const redirected = (path: string, location: string): Step => ({
  name: 'anybody',
  as: 'nobody',
  request: `GET ${path}`,
  expect: { status: 302, headers: { ...ofDocuments, location } },
});

export const publicRoutes: readonly Transcript[] = [
  {
    title: 'GET /health, /api/health, /health/live, /health/ready',
    steps: [
      asked('/health', wellForBoth),
      asked('/api/health', wellForBoth),
      asked('/health/live', well),
      asked('/health/ready', well),
    ],
  },
  {
    title: 'GET /api/bootstrap, /api/bootstrap/service',
    steps: [asked('/api/bootstrap', bootstrap), asked('/api/bootstrap/service', bootstrap)],
  },
  {
    title: 'GET /symbia-namespace: a description of three properties',
    steps: [
      asked('/symbia-namespace', {
        namespace: text,
        description: text,
        properties: { conversations: property, participants: property, messages: property },
      }),
    ],
  },
  {
    title: 'GET /docs/…, and the addresses that lead there',
    steps: [
      document('/docs/openapi.json', /^application\/json/),
      document('/docs/llms.txt', /^text\/plain/),
      document('/docs/llms-full.txt', /^text\/plain/),
      redirected('/', '/docs'),
      redirected('/openapi.json', '/docs/openapi.json'),
      redirected('/api/docs', '/docs'),
      redirected('/api/docs/openapi.json', '/docs/openapi.json'),
      redirected('/llms.txt', '/docs/llms.txt'),
      redirected('/llm.txt', '/docs/llms.txt'),
      redirected('/llms-full.txt', '/docs/llms-full.txt'),
      redirected('/api/openapi.json', '/docs/openapi.json'),
      redirected('/api/docs/llms.txt', '/docs/llms.txt'),
      redirected('/api/docs/llms-full.txt', '/docs/llms-full.txt'),
    ],
  },
];
