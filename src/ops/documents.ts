/** /docs: the documents, and the addresses at which upstreams' clients look for them. */
import { type Static, Type } from '@sinclair/typebox';
import { pageStyle } from '../contract/documents/page/page-style.ts';
import { type Operation, operation, type Reply, type RequestContext } from '../contract/operation.ts';
import { Problem } from '../domain/problem.ts';

/** A text for people, as a page. */
export interface Guide {
  /** In its address. */
  readonly name: string;
  readonly html: () => string;
}

/** Each is asked once, at its first request. */
export interface Documents {
  readonly openApi: () => string;
  readonly asyncApi: () => string;
  readonly page: () => string;
  readonly llms: () => string;
  readonly llmsFull: () => string;
  /** The first is where a newcomer begins. */
  readonly guides: () => readonly Guide[];
}

export const stylePath = '/docs/docs.css';

const minutes = { 'Cache-Control': 'public, max-age=300' };
/** The page may load its style, and nothing else. */
const pageHeaders = {
  ...minutes,
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

export function documentRoutes(documents: Documents): readonly Operation[] {
  return [
    served(
      '/docs',
      'docs',
      'The documents, for people',
      'text/html; charset=utf-8',
      documents.page,
      pageHeaders,
    ),
    served(stylePath, 'docsStyle', 'Style of /docs', 'text/css; charset=utf-8', () => pageStyle),
    servedJson('/docs/openapi.json', 'openapi', 'Every HTTP operation: OpenAPI 3.1', documents.openApi),
    servedJson(
      '/docs/asyncapi.json',
      'asyncapi',
      'Sockets and NATS subjects: AsyncAPI 3.0',
      documents.asyncApi,
    ),
    served('/docs/llms.txt', 'llms', 'One line for everything, for language models', plain, documents.llms),
    served('/docs/llms-full.txt', 'llmsFull', 'All of it, for language models', plain, documents.llmsFull),
    guideRoute(documents.guides),
    ...Object.entries(aliases).map(([path, target]) => redirect(path, target)),
  ];
}

const plain = 'text/plain; charset=utf-8';
const unchanged = { 304: { description: 'The client has it (If-None-Match)', schema: null } };

/** Where Symbia has them, and where its bootstrap says that it has them (symbia.md §4). */
const aliases: Readonly<Record<string, string>> = {
  '/': '/docs',
  '/docs/guides': '/docs/guides/concepts',
  '/openapi.json': '/docs/openapi.json',
  '/asyncapi.json': '/docs/asyncapi.json',
  '/llms.txt': '/docs/llms.txt',
  '/llm.txt': '/docs/llms.txt',
  '/llms-full.txt': '/docs/llms-full.txt',
  '/api/docs': '/docs',
  '/api/docs/openapi.json': '/docs/openapi.json',
  '/api/docs/llms.txt': '/docs/llms.txt',
  '/api/docs/llms-full.txt': '/docs/llms-full.txt',
  '/api/openapi.json': '/docs/openapi.json',
};

function served(
  path: string,
  name: string,
  summary: string,
  contentType: string,
  make: () => string,
  headers: Readonly<Record<string, string>> = minutes,
): Operation {
  const responses = {
    200: { description: summary, schema: Type.String({ examples: [summary] }) },
    ...unchanged,
  };
  const text = once(make);
  return operation(
    {
      ...{ id: `ops.${name}`, method: 'GET', path, summary, access: 'public', schemas: {}, responses },
      contentType: contentType.replace(/;.*/, ''),
    },
    (request) => unlessKnown(request, text(), contentType, headers),
  );
}

const GuideParams = Type.Object({ name: Type.String({ examples: ['concepts'] }) });

function guideRoute(guides: Documents['guides']): Operation {
  const made = new Map<string, () => Made>();
  const known = once(() => {
    for (const { name, html } of guides()) made.set(name, once(html));
    return [...made.keys()].join(' ');
  });
  const summary = 'A guide, for people';
  const html = 'text/html; charset=utf-8';
  const responses = {
    200: { description: summary, schema: Type.String({ examples: [summary] }) },
    ...unchanged,
    404: { description: 'There is no guide of this name', schema: null },
  };
  return operation(
    {
      ...{ id: 'ops.guide', method: 'GET', path: '/docs/guides/:name', summary, access: 'public', responses },
      ...{ schemas: { params: GuideParams }, contentType: 'text/html' },
    },
    (request) => {
      known();
      const guide = made.get((request.params as Static<typeof GuideParams>).name);
      return guide === undefined
        ? new Problem('not_found')
        : unlessKnown(request, guide(), html, pageHeaders);
    },
  );
}

function servedJson(path: string, name: string, summary: string, make: () => string): Operation {
  const responses = {
    200: { description: summary, schema: Type.Object({}, { examples: [{ info: { title: 'Parley' } }] }) },
    ...unchanged,
  };
  const text = once(make);
  return operation(
    { id: `ops.${name}`, method: 'GET', path, summary, access: 'public', schemas: {}, responses },
    (request) => unlessKnown(request, text(), 'application/json', minutes),
  );
}

function redirect(path: string, target: string): Operation {
  return operation(
    {
      ...{
        id: `ops.redirect${path}`,
        method: 'GET',
        path,
        summary: `Redirects to ${target}`,
        access: 'public',
      },
      schemas: {},
      responses: { 302: { description: target, schema: null } },
      isAlias: true,
    },
    (): Reply => ({ status: 302, headers: { ...minutes, Location: target } }),
  );
}

interface Made {
  readonly text: string;
  readonly etag: string;
}

/** 304 for whoever has this very text. */
function unlessKnown(
  { ifNoneMatch }: RequestContext,
  { text, etag }: Made,
  contentType: string,
  headers: Readonly<Record<string, string>>,
): Reply {
  const tagged = { ...headers, ETag: etag };
  const known = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  if (known.includes(etag) || known.includes('*')) return { status: 304, contentType, headers: tagged };
  return { status: 200, text, contentType, headers: tagged };
}

function once(make: () => string): () => Made {
  let made: Made | null = null;
  return () => {
    if (made === null) {
      const text = make();
      made = { text, etag: etagOf(text) };
    }
    return made;
  };
}

/** FNV-1a and the length: it tells versions of a document apart, and is no secret. */
function etagOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return `"${text.length.toString(36)}-${(hash >>> 0).toString(36)}"`;
}
