/** Everything about a node that clients may read, in the order in which they would. */
import type { HttpDialect } from '../../operation.ts';
import type { Declarations } from '../declarations.ts';
import { boundsSections } from './bounds.ts';
import { guideSections } from './guide.ts';
import { httpSection } from './http-section.ts';
import { list, type Reference, type Section } from './reference.ts';
import { eventSection, frameSection } from './socket-sections.ts';
import { subjectSection } from './subject-section.ts';

export interface ReferenceFacts {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** `https://chat.example.org`, without a slash at its end. */
  readonly baseUrl: string;
}

export function wholeReference(
  dialects: readonly HttpDialect[],
  { sockets, eventSockets, subjects }: Declarations,
  { title, version, description, baseUrl }: ReferenceFacts,
): Reference {
  const socketUrl = socketUrlOf(baseUrl);
  return {
    title,
    version,
    description,
    sections: [
      whereSection(baseUrl),
      ...guideSections(baseUrl),
      ...dialects.map((dialect) => httpSection(dialect, baseUrl)),
      ...eventSockets.map((socket) => eventSection(socket, baseUrl)),
      ...sockets.map((socket) => frameSection(socket, socketUrl)),
      subjectSection(subjects),
      ...boundsSections(),
    ],
  };
}

/** `http:` -> `ws:`, `https:` -> `wss:`. */
export function socketUrlOf(baseUrl: string): string {
  return baseUrl.replace(/^http/, 'ws');
}

function whereSection(baseUrl: string): Section {
  const links = documentPaths.map(([path, what]) => `[${path}](${baseUrl}${path}): ${what}`);
  return { id: 'documents', title: 'Documents', blocks: [list(...links)], entries: [] };
}

/** What is served beside the APIs themselves. */
export const documentPaths: readonly (readonly [path: string, what: string])[] = [
  ['/docs', 'all of it, for people'],
  ['/docs/guides', 'guides: concepts, each API, migration, operations'],
  ['/docs/openapi.json', 'OpenAPI 3.1: every HTTP operation'],
  ['/docs/asyncapi.json', 'AsyncAPI 3.0: sockets and NATS subjects'],
  ['/docs/llms.txt', 'one line for everything, for language models'],
  ['/docs/llms-full.txt', 'all of it, for language models'],
];
