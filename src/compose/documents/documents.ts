/** The documents as text: served by a node, and written to schemas/ without one. */
import type { TObject } from '@sinclair/typebox';
import { asyncApiDocument } from '../../contract/documents/asyncapi/document.ts';
import { openApiDocument } from '../../contract/documents/openapi.ts';
import { pageOf } from '../../contract/documents/page/page.ts';
import { wholeReference } from '../../contract/documents/reference/whole-reference.ts';
import { llmsOf } from '../../contract/documents/text/llms.ts';
import { markdownOf } from '../../contract/documents/text/markdown.ts';
import type { HttpDialect } from '../../contract/operation.ts';
import { sessionCookieNames } from '../../contract/session-cookie.ts';
import type { FrameDeclaration } from '../../contract/sockets/frame.ts';
import { type Documents, stylePath } from '../../ops/documents.ts';
import { type DialectDeps, httpDialects } from '../dialects.ts';
import { guideParts, openGuides } from './guides.ts';
import { messageDeclarations, socketDeclarations } from './message-declarations.ts';

export interface DocumentFacts {
  readonly version: string;
  /** Where clients reach the node, without a slash at its end: PARLEY_PUBLIC_URL, else the address it listens on. */
  readonly baseUrl: string;
}

const title = 'Parley';
const description =
  'A conversation bus for users, agents and services: every conversation is an ordered, durable log.';

/** Each made when it is asked for: what a node never serves it never makes. */
export function documentsOf(
  dialects: () => readonly HttpDialect[],
  deps: DialectDeps,
  facts: () => DocumentFacts,
): Documents {
  const named = () => ({ title, description, ...facts() });
  const reference = () => wholeReference(dialects(), messageDeclarations(deps), named());
  return {
    openApi: () => openApiText(dialects(), facts()),
    asyncApi: () => asyncApiText(deps, facts()),
    page: () => pageOf(reference(), stylePath, guideParts()),
    llms: () => llmsOf(reference(), facts().baseUrl),
    llmsFull: () => markdownOf(reference()),
    guides: openGuides,
  };
}

function openApiText(dialects: readonly HttpDialect[], { version, baseUrl }: DocumentFacts): string {
  const [cookieName] = sessionCookieNames;
  return toText(openApiDocument(dialects, { title, version, description, serverUrl: baseUrl, cookieName }));
}

function asyncApiText(deps: DialectDeps, { version, baseUrl }: DocumentFacts): string {
  const { host, hostname, protocol } = new URL(baseUrl);
  // Where NATS is from outside is nobody's business but the operator's: its usual port is a good guess.
  const facts = { title, version, description, host, natsHost: `${hostname}:4222` };
  return toText(asyncApiDocument(messageDeclarations(deps), { ...facts, isSecure: protocol === 'https:' }));
}

/** The documents from the declarations alone: nothing is opened, nothing can be answered. */
export function staticDocuments(version: string): Documents {
  const facts: DocumentFacts = { version, baseUrl: 'http://127.0.0.1:3000' };
  return documentsOf(declaredDialects, unanswered as DialectDeps, () => facts);
}

/** What every API declares, without anything that answers. */
export function declaredDialects(): readonly HttpDialect[] {
  return httpDialects(declaring, unanswered as Parameters<typeof httpDialects>[1]);
}

/** What one socket declares, without anything that answers. */
export function declaredFrames(
  socket: 'native' | 'vero-messaging' | 'generalbots-socket' = 'native',
): readonly FrameDeclaration<TObject>[] {
  const all = socketDeclarations(unanswered as DialectDeps);
  return all.find(({ name }) => name === socket)?.frames ?? [];
}

/** What clients reach by sockets and NATS, without anything that answers. */
export function declaredMessages(): ReturnType<typeof messageDeclarations> {
  return messageDeclarations(unanswered as DialectDeps);
}

/** Stands for everything that answers requests, where only declarations are read. */
const unanswered: unknown = new Proxy(
  () => {
    throw new Error('a declaration asked for an answer');
  },
  { get: () => unanswered },
);

/**
 * The same for a node that keeps its accounts itself, because what login declares depends on it, at a time that is
 * always the same: refusals are examples, and some tell when they were made.
 */
const declaring = new Proxy({} as DialectDeps, {
  get: (_, name) => {
    if (name === 'account') return { relay: null, places: unanswered };
    return name === 'clock' ? { nowMicros: () => 1_767_225_600_000_000 } : unanswered;
  },
});

function toText(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
