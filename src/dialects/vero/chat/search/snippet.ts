/** A piece of a message around what was looked for, as HTML: at most 200 code points of its text, hits in <mark>. */
import { isMarkedAnywhere } from '../../../../domain/searched-words.ts';

const shownMax = 200;
/** Text before the first hit. */
const leadMax = 60;
/** As many characters as the index knows. */
const readMax = 32_768;

interface Hit {
  readonly start: number;
  readonly end: number;
}

/** `marked`: whole words; a text of a script without spaces and a link are marked wherever they stand. */
export function snippetOf(content: string, marked: readonly string[]): string {
  const text = content.slice(0, readMax);
  const hits = hitsIn(text, marked);
  const { start, end } = windowOf(text, hits[0]?.start ?? 0);
  let html = '';
  let at = start;
  for (const hit of hits) {
    if (hit.end <= at || hit.start >= end) continue;
    const from = Math.max(hit.start, at);
    const to = Math.min(hit.end, end);
    html += `${escaped(text.slice(at, from))}<mark>${escaped(text.slice(from, to))}</mark>`;
    at = to;
  }
  return html + escaped(text.slice(at, end));
}

/** In order, without overlaps. */
function hitsIn(text: string, marked: readonly string[]): Hit[] {
  const words = new Set(marked.map((one) => one.toLowerCase()));
  const hits: Hit[] = [];
  for (const match of text.matchAll(/[\p{L}\p{N}\p{M}_]+/gu)) {
    const [word] = match;
    if (words.has(word.toLowerCase())) hits.push({ start: match.index, end: match.index + word.length });
  }
  for (const one of marked) {
    if (!isMarkedAnywhere(one)) continue;
    const anywhere = new RegExp(one.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), 'giu');
    for (const match of text.matchAll(anywhere)) {
      hits.push({ start: match.index, end: match.index + match[0].length });
    }
  }
  return hits.sort((one, other) => one.start - other.start);
}

/** Bounds in UTF-16, never inside of a character; begins at a word where there is one. */
function windowOf(text: string, hit: number): Hit {
  const before = [...text.slice(0, hit)];
  let lead = before.slice(-leadMax).join('');
  if (before.length > leadMax) lead = lead.replace(/^\S*\s+(?=\S)/u, '');
  const start = hit - lead.length;
  const shown = [...text.slice(start, start + 2 * shownMax)].slice(0, shownMax).join('');
  return { start, end: start + shown.length };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
