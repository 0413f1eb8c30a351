/**
 * Where a text stops being JSON, and what was expected there, in the words of Python's decoder: APIs that imitate
 * programs in Python tell both. Asked only when JSON.parse() has refused the text, whose messages do not always
 * say where.
 */

export interface JsonFault {
  /** In code points from the beginning. */
  readonly at: number;
  readonly expected: string;
}

type Expected = 'value' | 'first item' | 'first key' | 'key' | 'colon' | 'comma' | 'end';

const space = /[ \t\n\r]*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** From the space on, without the quote and the backslash. */
const plain = /[ !#-[\]-\u{10ffff}]*/uy;
const escaped = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y;

const wordOf: Readonly<Record<Expected, string>> = {
  value: 'Expecting value',
  'first item': 'Expecting value',
  'first key': 'Expecting property name enclosed in double quotes',
  key: 'Expecting property name enclosed in double quotes',
  colon: "Expecting ':' delimiter",
  comma: "Expecting ',' delimiter",
  end: 'Extra data',
};

export function findJsonFault(text: string): JsonFault {
  const open: ('{' | '[')[] = [];
  let next = 'value' as Expected;
  let at = 0;
  const fault = (where: number, expected: string): JsonFault => ({
    at: [...text.slice(0, where)].length,
    expected,
  });
  const behind = (): Expected => (open.length === 0 ? 'end' : 'comma');
  for (;;) {
    at = after(space, text, at);
    const letter = text.charAt(at);
    const closes = letter === (open.at(-1) === '{' ? '}' : ']') && open.length > 0;
    if (closes && (next === 'comma' || next === 'first key' || next === 'first item')) {
      open.pop();
      at += 1;
      next = behind();
    } else if (next === 'comma' && letter === ',') {
      at += 1;
      next = open.at(-1) === '{' ? 'key' : 'value';
    } else if (next === 'colon' && letter === ':') {
      at += 1;
      next = 'value';
    } else if (letter === '"' && next !== 'comma' && next !== 'colon' && next !== 'end') {
      const end = endOfText(text, at);
      if (typeof end !== 'number') return fault(end.at, end.expected);
      at = end;
      next = next === 'key' || next === 'first key' ? 'colon' : behind();
    } else if ((next === 'value' || next === 'first item') && (letter === '{' || letter === '[')) {
      open.push(letter);
      at += 1;
      next = letter === '{' ? 'first key' : 'first item';
    } else {
      const end = next === 'value' || next === 'first item' ? after(scalar, text, at) : at;
      if (end === at) return fault(at, wordOf[next]);
      at = end;
      next = behind();
    }
  }
}

/** Behind the closing quote of the text that begins at `start`. */
function endOfText(text: string, start: number): number | JsonFault {
  for (let at = start + 1; ; ) {
    at = after(plain, text, at);
    const letter = text.charAt(at);
    if (letter === '"') return at + 1;
    if (letter === '') return { at: start, expected: 'Unterminated string starting at' };
    if (letter !== '\\') return { at, expected: 'Invalid control character at' };
    const end = after(escaped, text, at);
    if (end === at) return { at, expected: 'Invalid \\escape' };
    at = end;
  }
}

/** Where a match that begins at `at` ends; `at` itself when there is none. */
function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
