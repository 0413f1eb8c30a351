import t from 'tap';
import { problemOf } from '../../src/adapters/jetstream/connections/answer.ts';
import { countOverload } from '../../src/contract/count-overload.ts';
import { overloaded } from '../../src/domain/limiting/overload.ts';
import { Problem } from '../../src/domain/problem.ts';
import { quietMetrics } from '../kit/memory/quiet-metrics.ts';

t.test('refusals for too much work are counted by the bound that was met, others are not', async (t) => {
  const metrics = quietMetrics();
  for (const problem of [
    ...[overloaded('sql'), overloaded('sql'), problemOf('no-place'), problemOf('overloaded')],
    ...[problemOf('lost'), new Problem('not_found')],
    new Problem(JSON.parse('"overloaded"')),
  ]) {
    countOverload(metrics, problem);
  }
  const counted = { sql: 2, log_pages: 1, nats_requests: 1, other: 1 };
  t.same(Object.fromEntries(metrics.overloads.totals), counted);
});
