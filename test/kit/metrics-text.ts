/** What a node says at /metrics, held against what is declared: both must name the same. */
import { allMetrics } from '../../src/adapters/prometheus/declared/all-metrics.ts';
import { ofWorkers } from '../../src/adapters/prometheus/declared/of-workers.ts';

interface Shown {
  readonly kind: string;
  help: string;
  readonly labels: Set<string>;
}

/** Labels that Prometheus' text format adds by itself. */
const ofFormat = new Set(['le', 'quantile']);

/** Each metric of a text: its kind, its help, and every label that one of its samples has. */
export function shownMetrics(text: string): ReadonlyMap<string, Shown> {
  const shown = new Map<string, Shown>();
  const helps = new Map<string, string>();
  let current: Shown | undefined;
  for (const line of text.split('\n')) {
    const [, what, name = '', said = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (what === 'HELP') helps.set(name, said);
    if (what === 'TYPE') {
      current = { kind: said, help: helps.get(name) ?? '', labels: new Set() };
      shown.set(name, current);
    }
    const labels = /^\w+\{(.*)\} /.exec(line)?.[1] ?? '';
    for (const [, label = ''] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g))
      if (!ofFormat.has(label)) current?.labels.add(label);
  }
  return shown;
}

/**
 * Sentences about what is shown and not declared, or declared and not shown. `common`: the labels of every sample of
 * a process. `isOfWorkers`: the text is a supervisor's.
 */
export function undeclared(text: string, common: readonly string[], isOfWorkers: boolean): string[] {
  const shown = shownMetrics(text);
  const fromSupervisor = new Set<string>(Object.values(ofWorkers).map(({ name }) => name));
  const declared = new Map(allMetrics.map((metric) => [metric.name, metric]));
  const strange = [...shown.keys()]
    .filter((name) => !declared.has(name))
    .map((name) => `${name}: not declared`);
  const different = allMetrics.flatMap(({ name, kind, help, labels = [], platforms }) => {
    const here = platforms === undefined || platforms.includes(process.platform);
    const isExpected = here && (isOfWorkers || !fromSupervisor.has(name));
    const found = shown.get(name);
    if (found === undefined) return isExpected ? [`${name}: declared, and not shown`] : [];
    if (!isExpected) return [`${name}: shown where it is not declared`];
    const allowed = new Set([...labels, ...(fromSupervisor.has(name) ? [] : common)]);
    return [
      ...(found.kind === kind ? [] : [`${name}: a ${found.kind}, not a ${kind}`]),
      ...(found.help === help || !name.startsWith('parley_') ? [] : [`${name}: another help text`]),
      ...[...found.labels]
        .filter((label) => !allowed.has(label))
        .map((label) => `${name}: has a label ${label}`),
      ...[...common]
        .filter((label) => allowed.has(label) && found.labels.size > 0 && !found.labels.has(label))
        .map((label) => `${name}: no label ${label}`),
    ];
  });
  return [...strange, ...different];
}
