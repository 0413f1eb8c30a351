/** Fenced blocks of a Markdown document. */
export interface Block {
  readonly file: string;
  /** Of its opening fence, from 1. */
  readonly line: number;
  /** `sh`, `js`, `json`…; '' where none is named. */
  readonly language: string;
  /** Without the indentation of its fence. */
  readonly text: string;
}

const fence = /^( *)(`{3,})([\w-]*)$/;

export function blocksOf(file: string, text: string): readonly Block[] {
  const found: Block[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const opening = fence.exec(lines[at] ?? '');
    if (opening === null) continue;
    const [, indent = '', ticks, language = ''] = opening;
    const end = lines.indexOf(`${indent}${ticks}`, at + 1);
    if (end < 0) throw new Error(`${file}:${at + 1}: a block that does not end`);
    const inside = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
    found.push({ file, line: at + 1, language, text: `${inside.join('\n')}\n` });
    at = end;
  }
  return found;
}

/** The name that the first line of a program says it is to be saved under: `// agent.mjs`. */
export function fileNameOf({ text }: Block): string | null {
  return /^\/\/ ([\w-]+\.mjs)\n/.exec(text)?.[1] ?? null;
}
