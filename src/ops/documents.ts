/** /docs: the documents, and the addresses at which upstreams' clients look for them. */
import { Type } from '@sinclair/typebox';
import { pageStyle } from '../contract/documents/page/page-style.ts';
import { type Operation, operation, type Reply } from '../contract/operation.ts';

/** Each is asked once, at its first request. */
export interface Documents {
  readonly openApi: () => string;
  readonly asyncApi: () => string;
  readonly page: () => string;
  readonly llms: () => string;
  readonly llmsFull: () => string;
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
    ...Object.entries(aliases).map(([path, target]) => redirect(path, target)),
  ];
}

const plain = 'text/plain; charset=utf-8';

/** Where Symbia has them, and where its bootstrap says that it has them (symbia.md §4). */
const aliases: Readonly<Record<string, string>> = {
  '/': '/docs',
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
  const responses = { 200: { description: summary, schema: Type.String({ examples: [summary] }) } };
  const text = once(make);
  return operation(
    {
      ...{ id: `ops.${name}`, method: 'GET', path, summary, access: 'public', schemas: {}, responses },
      contentType: contentType.replace(/;.*/, ''),
    },
    (): Reply => ({ status: 200, text: text(), contentType, headers }),
  );
}

function servedJson(path: string, name: string, summary: string, make: () => string): Operation {
  const responses = {
    200: { description: summary, schema: Type.Object({}, { examples: [{ info: { title: 'Parley' } }] }) },
  };
  const text = once(make);
  return operation(
    { id: `ops.${name}`, method: 'GET', path, summary, access: 'public', schemas: {}, responses },
    (): Reply => ({ status: 200, text: text(), contentType: 'application/json', headers: minutes }),
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

function once(make: () => string): () => string {
  let made: string | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
