/** The snippet of a message that was found, which comes as HTML, as pieces of text: nothing makes markup of it here. */

export interface Piece {
  readonly text: string;
  /** What was looked for. */
  readonly isHit: boolean;
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** `<mark>` is the one element that the server writes; any other stays as the text that it is. */
export function snippetPieces(html: string): readonly Piece[] {
  return html
    .split(/<mark>([\s\S]*?)<\/mark>/)
    .map((text, index) => ({ text: unescaped(text), isHit: index % 2 === 1 }))
    .filter(({ text }) => text !== '');
}

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
}
