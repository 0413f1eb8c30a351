/** /docs/llms.txt: what Parley is and one line for everything that can be asked of it. */
import type { Entry, Reference, Section } from '../reference/reference.ts';
import { blockOf } from './markdown.ts';

/** Guide sections that a reader needs before the first request. */
const told = new Set(['credentials', 'headers']);

export function llmsOf(reference: Reference, baseUrl: string): string {
  const { title, version, description, sections } = reference;
  const parts = [
    `# ${title} ${version}`,
    `> ${description}`,
    `Base URL: ${baseUrl}`,
    ...sections.filter(({ id }) => told.has(id)).flatMap(toldSection),
    ...sections.filter(({ entries }) => entries.length > 0).flatMap(linesOf),
    ...sections.filter(({ id }) => id === 'documents').flatMap(toldSection),
  ];
  return `${parts.join('\n\n')}\n`;
}

function toldSection({ title, blocks }: Section): readonly string[] {
  return [`## ${title}`, ...blocks.map(blockOf)];
}

function linesOf({ title, blocks, entries }: Section): readonly string[] {
  const [first] = blocks;
  const lines = entries
    .filter(isAsked)
    .map(({ title: what, summary }) => `- ${what} - ${summary.replace(/\.$/, '')}`);
  return [`## ${title}`, ...(first?.kind === 'text' ? [first.text] : []), lines.join('\n')];
}

/** Not the shapes: only what can be asked or received. */
function isAsked({ id }: Entry): boolean {
  return !id.includes('.shape.');
}
