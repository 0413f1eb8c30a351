/** The part of nats-server's configuration language that our files use, read into plain values. Variables stay `$NAME`. */

type Value = string | readonly Value[] | { readonly [key: string]: Value };

const token = /\s*(?:#[^\n]*\n\s*)*("(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"#]+)?/y;

export function parseNatsConf(text: string): Readonly<Record<string, Value>> {
  const tokens = tokensOf(text);
  let at = 0;
  const skipCommas = (): void => {
    while (tokens[at] === ',') at += 1;
  };

  function map(end: '}' | undefined): Record<string, Value> {
    const found: Record<string, Value> = {};
    for (skipCommas(); tokens[at] !== end; skipCommas()) {
      const key = plain(tokens[at++]);
      if (tokens[at] === ':') at += 1;
      if (key === 'include') at += 1;
      else found[key] = value();
    }
    at += 1;
    return found;
  }

  function list(): Value[] {
    const found: Value[] = [];
    for (skipCommas(); tokens[at] !== ']'; skipCommas()) found.push(value());
    at += 1;
    return found;
  }

  function value(): Value {
    const first = tokens[at++];
    if (first === '{') return map('}');
    return first === '[' ? list() : plain(first);
  }

  return map(undefined);
}

function tokensOf(text: string): readonly string[] {
  const found: string[] = [];
  for (token.lastIndex = 0; token.lastIndex < text.length; ) {
    const [, one] = token.exec(text) ?? [];
    if (one === undefined) break;
    found.push(one);
  }
  return found;
}

function plain(text: string | undefined): string {
  if (text === undefined) throw new Error('the configuration ends in the middle');
  return text.replace(/^"(.*)"$/, '$1');
}
