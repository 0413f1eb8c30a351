/** Whether a text speaks to somebody: `@` and the display name, or the id, as a word of its own. */

const wordCharacter = /[\p{L}\p{N}_]/u;

/** Upper and lower case are the same; a name within a longer word (`@annabel` for `ann`) is another name. */
export function addresses(text: string, names: readonly string[]): boolean {
  if (!text.includes('@')) return false;
  const folded = fold(text);
  return names.some((name) => name !== '' && namesAsWord(folded, `@${fold(name)}`));
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function namesAsWord(text: string, sought: string): boolean {
  for (let at = text.indexOf(sought); at !== -1; at = text.indexOf(sought, at + 1)) {
    const end = at + sought.length;
    const isWordBefore = at > 0 && wordCharacter.test(characterBefore(text, at));
    const isWordAfter = wordCharacter.test(String.fromCodePoint(text.codePointAt(end) ?? 32));
    if (!isWordBefore && !isWordAfter) return true;
  }
  return false;
}

function characterBefore(text: string, at: number): string {
  const unit = text.charCodeAt(at - 1);
  const isLowSurrogate = unit >= 0xdc00 && unit <= 0xdfff;
  return isLowSurrogate ? text.slice(at - 2, at) : text.slice(at - 1, at);
}
