/** HTML from texts that are not trusted to be HTML. */

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Fit for the content of an element and for a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => named[character] ?? character);
}

const codeOrLink = /`([^`]+)`|\[([^\]]+)\]\(((?:https?:\/\/|\/|#)[^\s()]+)\)/g;

/** Escaped, with `code` in backticks and [links](https://…): nothing else is read as markup. */
export function inlineHtml(text: string): string {
  let html = '';
  let at = 0;
  for (const match of text.matchAll(codeOrLink)) {
    const [whole, code, words, address] = match;
    html += escapeHtml(text.slice(at, match.index));
    html +=
      code === undefined
        ? `<a href="${escapeHtml(address ?? '')}">${escapeHtml(words ?? '')}</a>`
        : `<code>${escapeHtml(code)}</code>`;
    at = match.index + whole.length;
  }
  return html + escapeHtml(text.slice(at));
}
