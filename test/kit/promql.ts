/** What an expression of PromQL asks for and what it yields, judged without a Prometheus. */
import { parser } from '@prometheus-io/lezer-promql';
import type { DeclaredMetric } from '../../src/adapters/prometheus/declared/metric.ts';

/** What Prometheus stores under one name. */
export interface Series {
  readonly kind: 'counter' | 'gauge';
  readonly unit: string;
  readonly labels: readonly string[];
  /** Where the values of its labels are named, in backticks. */
  readonly said: string;
}

/** What an expression yields: series with these labels, in a unit as metrics are declared with, or made of those. */
export interface Yielded {
  readonly labels: readonly string[];
  readonly unit: string;
}

type Syntax = ReturnType<typeof parser.parse>['topNode'];

/** The series of a metric; `own` are the labels that every sample of its process has. A histogram is three. */
export function seriesOf(
  { name, kind, unit, labels = [], help, advice }: DeclaredMetric,
  own: readonly string[],
): readonly (readonly [string, Series])[] {
  const said = `${help} ${advice}`;
  const all = [...labels, ...own];
  if (kind === 'counter' || kind === 'gauge') return [[name, { kind, unit, labels: all, said }]];
  if (kind !== 'histogram') throw new Error(`${name}: no series of a ${kind} are known`);
  return [
    [`${name}_bucket`, { kind: 'counter', unit, labels: [...all, 'le'], said }],
    [`${name}_sum`, { kind: 'counter', unit, labels: all, said }],
    [`${name}_count`, { kind: 'counter', unit: 'observations', labels: all, said }],
  ];
}

/** Throws at the first mistake: no PromQL, a series or a label that does not exist, a function of another kind of series. */
export function judgedPromql(text: string, series: ReadonlyMap<string, Series>): Yielded {
  const tree = parser.parse(text);
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) throw new Error(`no PromQL at "${text.slice(from)}"`);
    },
  });
  const yielded = new Judge(text, series).judge(only(tree.topNode));
  if (yielded === null) throw new Error('a number for ever');
  return yielded;
}

const perSecond = ' per second';
const grafanaUnits: Readonly<Record<string, string>> = {
  ...{ seconds: 's', bytes: 'bytes', share: 'percentunit' },
  ...{ [`seconds${perSecond}`]: 'percentunit', [`bytes${perSecond}`]: 'Bps' },
};

/** The name that Grafana has for a unit. */
export const grafanaUnit = (unit: string): string =>
  grafanaUnits[unit] ?? (unit.endsWith(perSecond) ? 'ops' : 'short');

/** A mistake is thrown; null stands for a number or a text. */
class Judge {
  readonly #text: string;
  readonly #series: ReadonlyMap<string, Series>;

  constructor(text: string, series: ReadonlyMap<string, Series>) {
    this.#text = text;
    this.#series = series;
  }

  judge(node: Syntax): Yielded | null {
    switch (node.name) {
      case 'NumberDurationLiteral':
      case 'StringLiteral':
        return null;
      case 'ParenExpr':
      case 'OffsetExpr':
        return this.judge(only(node));
      case 'VectorSelector':
        return this.#selected(node, 'gauge');
      case 'AggregateExpr':
        return this.#aggregated(node);
      case 'FunctionCall':
        return this.#called(node);
      case 'BinaryExpr':
        return this.#combined(node);
      default:
        throw new Error(`not known to this check: ${node.name} "${this.#of(node)}"`);
    }
  }

  #of({ from, to }: Syntax): string {
    return this.#text.slice(from, to);
  }

  #selected(node: Syntax, kind: Series['kind']): Yielded {
    const named = node.getChild('Identifier');
    const name = named === null ? '' : this.#of(named);
    const series = this.#series.get(name);
    if (series === undefined) throw new Error(`no series "${name}"`);
    if (series.kind !== kind) throw new Error(`${name} is a ${series.kind}, and taken for a ${kind}`);
    for (const matcher of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
      const [label = '', value = ''] = ['LabelName', 'StringLiteral'].map((part) =>
        this.#of(matcher.getChild(part) ?? matcher),
      );
      this.#has(series.labels, label);
      const plain = /^"([\w.-]+)"$/.exec(value)?.[1];
      if (!ownLabels.has(label) && plain !== undefined && !series.said.includes(`\`${plain}\``))
        throw new Error(`what is declared of ${name} does not name ${label}=${value}`);
    }
    return series;
  }

  #has(labels: readonly string[], label: string): void {
    if (!labels.includes(label)) throw new Error(`no label "${label}" among ${labels.join()}`);
  }

  #aggregated(node: Syntax): Yielded {
    const inner = this.#lastArgument(node);
    const op = this.#of(node.getChild('AggregateOp') ?? node);
    const modifier = node.getChild('AggregateModifier');
    if (modifier?.getChild('Without')) throw new Error('"without" keeps what nobody named');
    const names = modifier?.getChild('GroupingLabels')?.getChildren('LabelName') ?? [];
    const labels = names.map((name) => this.#of(name));
    for (const label of labels) this.#has(inner.labels, label);
    if (op === 'topk' || op === 'bottomk') return inner;
    return { labels, unit: op === 'count' ? 'series' : inner.unit };
  }

  #lastArgument(node: Syntax): Yielded {
    const argument = node.getChild('FunctionCallBody')?.lastChild;
    const yielded = argument ? this.judge(argument) : null;
    if (yielded === null) throw new Error(`no series in "${this.#of(node)}"`);
    return yielded;
  }

  #called(node: Syntax): Yielded {
    const name = this.#of(node.getChild('FunctionIdentifier') ?? node);
    if (name === 'histogram_quantile') {
      const { labels, unit } = this.#lastArgument(node);
      this.#has(labels, 'le');
      return { labels: labels.filter((label) => label !== 'le'), unit: unit.replace(perSecond, '') };
    }
    const kind = ({ rate: 'counter', increase: 'counter', delta: 'gauge' } as const)[name];
    if (kind === undefined) throw new Error(`not known to this check: the function ${name}`);
    const selector = node.getChild('FunctionCallBody')?.getChild('MatrixSelector')?.firstChild;
    if (selector?.name !== 'VectorSelector') throw new Error(`${name} takes a range of one selector`);
    const { labels, unit } = this.#selected(selector, kind);
    return { labels, unit: name === 'rate' ? `${unit}${perSecond}` : unit };
  }

  #combined(node: Syntax): Yielded | null {
    if (node.getChild('MatchingModifierClause')) throw new Error('not known to this check: on, ignoring');
    const [left, right] = [node.firstChild, node.lastChild].map((side) => (side ? this.judge(side) : null));
    if (!left || !right) return left ?? right ?? null;
    // Series are paired by all their labels: with others on one side nothing ever comes out.
    if ([...left.labels].sort().join() !== [...right.labels].sort().join())
      throw new Error(`never paired: ${left.labels.join()} and ${right.labels.join()}`);
    return node.getChild('Div') ? { labels: left.labels, unit: 'share' } : left;
  }
}

/** Whose values deployments choose. */
const ownLabels: ReadonlySet<string> = new Set(['node', 'worker', 'instance', 'job']);

/** The one expression in what encloses it. */
function only({ firstChild }: Syntax): Syntax {
  if (firstChild === null) throw new Error('nothing is asked');
  return firstChild;
}
