/** Texts of people and agents, cut where an address of the web stands in them. */

const address = /\bhttps?:\/\/[^\s<>"'`]+/giu;
const trailing = /[.,;:!?)\]}»”’]+$/u;

/** A text as pieces: words, and addresses that are safe to follow. Together they are the text. */
export function piecesOf(text: string): readonly { readonly words: string; readonly href: string | null }[] {
  const pieces: { words: string; href: string | null }[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(address)) {
    const words = found.replace(trailing, '');
    const href = safeAddress(words);
    if (href === null) continue;
    if (index > done) pieces.push({ words: text.slice(done, index), href: null });
    pieces.push({ words, href });
    done = index + words.length;
  }
  if (done < text.length) pieces.push({ words: text.slice(done), href: null });
  return pieces;
}

/** With a name and password in it an address may be read as that of another host. */
function safeAddress(words: string): string | null {
  if (!URL.canParse(words)) return null;
  const { protocol, username, password, href } = new URL(words);
  if (protocol !== 'https:' && protocol !== 'http:') return null;
  return username === '' && password === '' ? href : null;
}
