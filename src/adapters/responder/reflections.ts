/** Turns what somebody said around, so that it can be said back: `I lost my keys` becomes `you lost your keys`. */

const reflected: Readonly<Record<string, string>> = {
  i: 'you',
  me: 'you',
  my: 'your',
  mine: 'yours',
  myself: 'yourself',
  am: 'are',
  was: 'were',
  "i'm": "you're",
  "i've": "you've",
  "i'll": "you'll",
  "i'd": "you'd",
  you: 'I',
  your: 'my',
  yours: 'mine',
  yourself: 'myself',
  "you're": "I'm",
  "you've": "I've",
  "you'll": "I'll",
  "you'd": "I'd",
};

/** Before these, `you` is the object: `because of you` becomes `because of me`. */
const beforeObject = new Set([
  ...['of', 'to', 'with', 'for', 'from', 'at', 'about', 'on', 'by', 'than', 'like', 'tell', 'ask'],
  ...['help', 'see', 'thank', 'love', 'hate', 'want', 'need', 'trust', 'know', 'hear'],
]);
/** After it, `you` is the object, too: `you to help me`. */
const afterObject = new Set([
  '',
  'to',
  'and',
  'or',
  'in',
  'with',
  'at',
  'for',
  'so',
  'too',
  'very',
  'as',
  'back',
]);

export function reflect(text: string): string {
  const words = text.trim().split(/\s+/);
  const said = words.map((word, index) =>
    reflectWord(word, bare(words[index - 1] ?? ''), bare(words[index + 1] ?? '')),
  );
  return said
    .join(' ')
    .replace(/[\s.!?,;:]+$/u, '')
    .trim();
}

function reflectWord(word: string, before: string, after: string): string {
  const own = bare(word);
  const rest = word.slice(own.length);
  if (own === 'you' && (beforeObject.has(before) || afterObject.has(after))) return `me${rest}`;
  if (own === 'are' && before === 'you') return `am${rest}`;
  if (own === 'were' && before === 'you') return `was${rest}`;
  const other = reflected[own];
  return Object.hasOwn(reflected, own) && other !== undefined ? `${other}${rest}` : word;
}

/** In lower case, without what follows the word. */
function bare(word: string): string {
  return (/^[\p{L}\p{N}'’]+/u.exec(word)?.[0] ?? word).replaceAll('’', "'").toLowerCase();
}
