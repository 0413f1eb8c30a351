/** A reference as Markdown: /docs/llms-full.txt. */
import type { Block, Entry, Reference, Section } from '../reference/reference.ts';

export function markdownOf({ title, version, description, sections }: Reference): string {
  const head = [`# ${title} ${version}`, `> ${description}`];
  return `${[...head, ...sections.flatMap(sectionOf)].join('\n\n')}\n`;
}

function sectionOf({ title, blocks, entries }: Section): readonly string[] {
  return [`## ${title}`, ...blocks.map(blockOf), ...entries.flatMap(entryOf)];
}

function entryOf({ title, summary, blocks }: Entry): readonly string[] {
  return [`### ${title}`, sentence(summary), ...blocks.map(blockOf)];
}

export function blockOf(block: Block): string {
  switch (block.kind) {
    case 'text':
      return block.text;
    case 'list':
      return block.items.map((item) => `- ${item}`).join('\n');
    case 'table':
      return [rowOf(block.head), rowOf(block.head.map(() => '---')), ...block.rows.map(rowOf)].join('\n');
    case 'code':
      return `${block.label}:\n\n${fenced(block.text)}`;
  }
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** The fence is longer than any in the text. */
function fenced(text: string): string {
  const runs = [...text.matchAll(/`{3,}/g)].map(([run]) => run.length);
  const fence = '`'.repeat(Math.max(2, ...runs) + 1);
  return `${fence}\n${text}\n${fence}`;
}

export function sentence(words: string): string {
  return /[.!?:]$/.test(words) ? words : `${words}.`;
}
