/**
 * Joins what several processes print for Prometheus into one text: each metric once, with the samples of all of them.
 * The samples must differ by a label (`worker`); what is said about a metric is taken from who names it first.
 */
export function mergedText(texts: readonly string[]): string {
  const metrics = new Map<string, { readonly said: string[]; readonly samples: string[] }>();
  for (const text of texts) {
    let current: { readonly said: string[]; readonly samples: string[] } | undefined;
    let isKnown = false;
    for (const line of text.split('\n')) {
      if (line === '') continue;
      if (line.startsWith('# HELP ')) {
        const name = line.split(' ', 3)[2] ?? '';
        isKnown = metrics.has(name);
        current = metrics.get(name) ?? { said: [], samples: [] };
        metrics.set(name, current);
      }
      if (!line.startsWith('#')) current?.samples.push(line);
      else if (!isKnown) current?.said.push(line);
    }
  }
  const all = [...metrics.values()].flatMap(({ said, samples }) => [...said, ...samples]);
  return all.length === 0 ? '' : `${all.join('\n')}\n`;
}
