/** OpenAPI and AsyncAPI as text: served by a node, and written to schemas/ without one. */
import type { TObject } from '@sinclair/typebox';
import { asyncApiDocument } from '../contract/documents/asyncapi.ts';
import { openApiDocument } from '../contract/documents/openapi.ts';
import type { FrameDeclaration } from '../contract/frame.ts';
import type { HttpDialect } from '../contract/operation.ts';
import { type DialectDeps, httpDialects, natsDeclarations, socketDeclarations } from './dialects.ts';

export interface DocumentFacts {
  readonly version: string;
  /** Where clients reach the node; '/' when that is not known. */
  readonly serverUrl: string;
  /** `host:port` of HTTP. */
  readonly host: string;
}

const description =
  'A conversation bus for users, agents and services: every conversation is an ordered, durable log.';

export function openApiText(dialects: readonly HttpDialect[], { version, serverUrl }: DocumentFacts): string {
  const facts = { title: 'Parley', version, description, serverUrl, cookieName: null };
  return toText(openApiDocument(dialects, facts));
}

export function asyncApiText(deps: DialectDeps, { version, host }: DocumentFacts): string {
  const facts = { title: 'Parley', version, host, natsHost: '127.0.0.1:4222' };
  return toText(asyncApiDocument(socketDeclarations(deps), natsDeclarations(deps), facts));
}

/** Both documents from the declarations alone: nothing is opened, nothing can be answered. */
export function staticDocuments(version: string): { readonly openApi: string; readonly asyncApi: string } {
  const facts: DocumentFacts = { version, serverUrl: '/', host: '127.0.0.1:3000' };
  return {
    openApi: openApiText(declaredDialects(), facts),
    asyncApi: asyncApiText(unanswered as DialectDeps, facts),
  };
}

/** What every API declares, without anything that answers. */
export function declaredDialects(): readonly HttpDialect[] {
  return httpDialects(unanswered as DialectDeps, unanswered as Parameters<typeof httpDialects>[1]);
}

/** What every socket declares, without anything that answers. */
export function declaredFrames(): readonly FrameDeclaration<TObject>[] {
  return socketDeclarations(unanswered as DialectDeps).flatMap(({ frames }) => frames);
}

/** Stands for everything that answers requests, where only declarations are read. */
const unanswered: unknown = new Proxy(
  () => {
    throw new Error('a declaration asked for an answer');
  },
  { get: () => unanswered },
);

function toText(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
