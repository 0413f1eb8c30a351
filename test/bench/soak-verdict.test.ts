import t from 'tap';
import { phasesOf } from '../../bench/soak/phases.ts';
import { quantile, type Sample } from '../../bench/soak/sampling.ts';
import { judge, slope } from '../../bench/soak/verdict.ts';

const sec = 600;
const phases = phasesOf(sec);

/** A run that is as it should be, but for what `change` says. */
function run(change: (sample: Sample) => Partial<Sample> = () => ({}), length = sec): readonly Sample[] {
  const phases = phasesOf(length);
  return Array.from({ length }, (_, at) => {
    const phase = phases.find((one) => at < one.toSec);
    const sample: Sample = {
      ...{
        sec: at,
        phase: phase?.name ?? '',
        rssMb: 300,
        heapMb: 100,
        heapHeldMb: 150,
        externalMb: 10,
        loopP99Ms: 10,
      },
      ...{
        commandsWaiting: 10,
        natsRequests: 10,
        natsOutboundKb: 10,
        sqlWaiting: 0,
        outboxKb: 0,
        lagEvents: 0,
      },
      ...{
        acks: 100,
        refusals: phase?.isNatsSlow === true ? { overloaded: 5 } : {},
        reads: 1,
        refusedReads: 0,
      },
      ...{ p50Ms: 5, p99Ms: 50 },
    };
    return { ...sample, ...change(sample) };
  });
}

const broken = (samples: readonly Sample[], length = sec): readonly string[] =>
  judge(samples, phasesOf(length), length).flatMap(({ rule, holds }) => (holds ? [] : [rule]));

t.test('the phases fill the run', async (t) => {
  t.same([phases[0]?.fromSec, Math.round(phases.at(-1)?.toSec ?? 0)], [0, sec]);
  phases.slice(1).forEach((phase, index) => {
    t.equal(phase.fromSec, phases[index]?.toSec);
  });
});

t.test('a run that is as it should be breaks no rule', async (t) => {
  t.same(broken(run()), []);
});

t.test('memory that grows, at once or slowly, is told; in a short run it is not judged', async (t) => {
  t.match(broken(run((one) => (one.sec === 400 ? { rssMb: 460 } : {}))), [/RSS stays/]);
  const leak = run((one) => ({ rssMb: 300 + Math.max(0, one.sec - 270) / 3 }));
  t.match(broken(leak), [/RSS grows/]);
  t.same(
    broken(
      run(({ sec: at }) => (at > 60 ? { rssMb: 900 } : {}), 100),
      100,
    ),
    [],
  );
});

t.test('queues beyond their bounds, no overload, and a node that stays slow are told', async (t) => {
  t.match(broken(run((one) => (one.sec === 9 ? { commandsWaiting: 60_000 } : {}))), [/commands that wait/]);
  t.match(broken(run(() => ({ refusals: {} }))), [/overloaded/]);
  t.match(broken(run((one) => (one.sec > 560 ? { p99Ms: 900 } : {}))), [/p99/]);
});

t.test('figures are what they say', async (t) => {
  t.equal(quantile([], 0.5), null);
  t.equal(quantile([1, 2, 3, 4], 0.5), 3);
  t.equal(
    slope([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
    2,
  );
  t.equal(slope([[0, 1]]), 0);
});
