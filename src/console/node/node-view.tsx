/** How the node is that answers this page: live charts from its own /metrics. */
import { useEffect, useState } from 'preact/hooks';
import { RequestProblem, type Requests, sentenceOf } from '../session/requests.ts';
import { ProblemLine } from '../shell/problem-line.tsx';
import { measured } from '../shell/words.ts';
import { Chart } from './chart.tsx';
import { type NodeRates, nodeRates, type Reading } from './node-rates.ts';
import { parseMetrics } from './parse-metrics.ts';

const everyMs = 2_000;
/** A rate needs two readings: the second comes soon, so that there is something to see. */
const secondAfterMs = 500;
/** Two minutes. */
const points = 60;
/** Quantiles are of half a minute. */
const kept = 15;

interface NodeViewProps {
  readonly requests: Requests;
}

export function NodeView({ requests }: NodeViewProps) {
  const { rates, problem } = useRates(requests);
  return (
    <section class="page" aria-labelledby="node-title">
      <header class="page-head">
        <h1 id="node-title">Node</h1>
        <p class="page-note">
          What the node counts that answers this page: every two seconds, for two minutes.
        </p>
      </header>
      <ProblemLine words={problem} />
      <Charts rates={rates} />
      <details class="numbers">
        <summary>The newest numbers as a table</summary>
        <NumbersTable rates={rates.slice(-10)} />
      </details>
      <p class="page-note">
        <a href="/metrics">/metrics</a>, <a href="/readyz">/readyz</a>, <a href="/docs">documentation</a>
      </p>
    </section>
  );
}

function useRates(requests: Requests): {
  readonly rates: readonly NodeRates[];
  readonly problem: string | null;
} {
  const [rates, setRates] = useState<readonly NodeRates[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let readings: readonly Reading[] = [];
    let isOver = false;
    let timer = 0;
    const look = async (): Promise<void> => {
      const now = await readingOf(requests);
      if (isOver) return;
      if (now instanceof RequestProblem) setProblem(sentenceOf(now));
      else {
        setProblem(null);
        const [earlier, before] = [readings[0], readings.at(-1)];
        if (earlier !== undefined && before !== undefined)
          setRates((known) => [...known, nodeRates(earlier, before, now)].slice(-points));
        readings = [...readings.slice(1 - kept), now];
      }
      timer = setTimeout(look, readings.length === 1 ? secondAfterMs : everyMs);
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [requests]);
  return { rates, problem };
}

async function readingOf(requests: Requests): Promise<Reading | RequestProblem> {
  try {
    return { metrics: parseMetrics(await requests.text('/metrics')), at: performance.now() };
  } catch (error) {
    return error instanceof RequestProblem ? error : new RequestProblem('unreadable', sentenceOf(error), 0);
  }
}

const columns: readonly (readonly [keyof NodeRates, string])[] = [
  ['posts', 'Events/s'],
  ['deliveries', 'Deliveries/s'],
  ['appendP50Ms', 'Append p50, ms'],
  ['appendP99Ms', 'Append p99, ms'],
  ['lag', 'Lag, events'],
  ['sockets', 'Sockets'],
];

function Charts({ rates }: { readonly rates: readonly NodeRates[] }) {
  const of = (field: keyof NodeRates): readonly (number | null)[] => rates.map((one) => one[field]);
  return (
    <div class="charts">
      <Chart
        {...{ title: 'Posts', unit: 'per second', points }}
        hint="Events appended to the log"
        series={[{ name: 'posts', values: of('posts') }]}
      />
      <Chart
        {...{ title: 'Deliveries', unit: 'per second', points }}
        hint="Events given to sockets"
        series={[{ name: 'deliveries', values: of('deliveries') }]}
      />
      <Chart
        {...{ title: 'Append', unit: 'ms', points }}
        hint="To the acknowledgement, last half minute"
        series={[
          { name: 'p99', values: of('appendP99Ms') },
          { name: 'p50', values: of('appendP50Ms') },
        ]}
      />
      <Chart
        {...{ title: 'Lag', unit: 'events', points }}
        hint="Not projected yet, whole deployment"
        series={[{ name: 'lag', values: of('lag') }]}
      />
      <Chart
        {...{ title: 'Sockets', unit: 'open', points }}
        hint="Connected to this node"
        series={[{ name: 'sockets', values: of('sockets') }]}
      />
    </div>
  );
}

function NumbersTable({ rates }: { readonly rates: readonly NodeRates[] }) {
  return (
    <table>
      <thead>
        <tr>
          {columns.map(([field, title]) => (
            <th key={field} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rates.map((one, index) => (
          <tr key={index}>
            {columns.map(([field]) => {
              const value = one[field];
              return <td key={field}>{value === null ? '–' : measured(value)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
