/**
 * What somebody typed into a search box, taken apart: words, "phrases", -words that must not be there, `or`. Words of
 * scripts without spaces are looked for by their characters and pairs of characters (migrations/0002_projection.sql),
 * links by their host and as they stand: websearch_to_tsquery() cuts them elsewhere than the index does.
 */
import { limits } from './limits.ts';

export interface SearchedWords {
  /** For websearch_to_tsquery(): the terms in scripts with spaces. */
  readonly plain: string;
  /** A tsquery of pairs of characters; empty: none. Holds nothing but such characters, quotes, `&` and `!`. */
  readonly pairs: string;
  /** Texts that must be there as they stand, whatever their case. */
  readonly contained: readonly string[];
  /** What is marked in a snippet. */
  readonly marked: readonly string[];
}

const unspaced =
  '\\u2e80-\\u2fdf\\u3005-\\u3007\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff\\uff66-\\uff9f\\u{20000}-\\u{3ffff}';
const unspacedRun = new RegExp(`[${unspaced}]+`, 'gu');
const unspacedOne = new RegExp(`[${unspaced}]`, 'u');
/** A word that begins as a link does; its host. */
const link = /^[a-z][a-z\d+.-]*:\/\/(?:[^\s/?#@]*@)?([\p{L}\p{N}][^\s/?#:@]*)/iu;
const term = /(-?)(?:"([^"]*)"?|([^\s"]+))/gu;

export function readSearchedWords(text: string): SearchedWords {
  const plain: string[] = [];
  const pairs: string[] = [];
  const contained: string[] = [];
  const marked: string[] = [];
  for (const [whole, minus, phrase, word] of text.matchAll(term)) {
    const said = phrase ?? word ?? '';
    const isWanted = minus === '';
    const host = isWanted && phrase === undefined ? link.exec(said)?.[1] : undefined;
    if (!hasUnspaced(said) && host !== undefined) {
      plain.push(host);
      contained.push(said);
      marked.push(said);
      continue;
    }
    if (!hasUnspaced(said)) {
      plain.push(whole);
      if (isWanted && (phrase !== undefined || said.toLowerCase() !== 'or')) marked.push(...wordsOf(said));
      continue;
    }
    const conditions = pairsOf(said);
    pairs.push(isWanted ? conditions.join('&') : `!(${conditions.join('&')})`);
    if (!isWanted) continue;
    contained.push(said);
    marked.push(said);
  }
  return {
    plain: plain.join(' '),
    pairs: pairs.join('&'),
    contained,
    marked: marked.slice(0, limits.searchWordsMarkedMax),
  };
}

function wordsOf(said: string): string[] {
  return said.match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
}

function pairsOf(said: string): string[] {
  return [...said.matchAll(unspacedRun)].flatMap(([run]) => {
    const characters = [...run];
    if (characters.length === 1) return [`'${run}'`];
    return characters.slice(1).map((next, at) => `'${characters[at] ?? ''}${next}'`);
  });
}

/** Whether it is marked wherever it stands, not as a whole word. */
export function isMarkedAnywhere(text: string): boolean {
  return hasUnspaced(text) || link.test(text);
}

/** Whether it holds a character of a script without spaces between words. */
function hasUnspaced(text: string): boolean {
  return unspacedOne.test(text);
}
