/**
 * The bench of the real Symbia service (measured.md): posters over REST, each with one request in flight, and
 * receivers with the real socket.io-client, each in one conversation. Its figures are fixed: they were measured on
 * such a machine, of 2 cores with the load on them, and are not measured again.
 */
import { type ChatCase, type ChatRound, openChatLoad } from '../kit/clients/chat-load.ts';
import { parleyChatSide } from '../kit/clients/chat-side.ts';
import { type Figure, relativeFigure } from '../kit/figures/figure.ts';
import { interleave, type Rounds } from '../kit/figures/rounds.ts';
import { median, spread } from '../kit/figures/samples.ts';
import { openEchoPosters } from '../kit/references/echo-reference.ts';
import { cpuOf } from '../kit/references/process-usage.ts';
import type { Scenario, ScenarioContext } from '../kit/scenario.ts';

/** With what the real service does. */
type Case = ChatCase & { readonly real: { readonly perSec: number; readonly p50Ms: number } };

const cases: readonly Case[] = [
  { firstReceiver: 80, posters: 16, conversations: 4, receivers: 8, real: { perSec: 318, p50Ms: 49 } },
  { firstReceiver: 64, posters: 64, conversations: 16, receivers: 16, real: { perSec: 426, p50Ms: 150 } },
];

/** The usual name of a reference in the table. */
const realName = '(s) the real service, a fixed figure';
/** 20 times its rate at a tenth of its latency (issue 4). */
const rateTarget = { kind: 'min', must: 20, worth: 30 } as const;
const latencyTarget = { kind: 'max', must: 0.1, worth: 0.05 } as const;

export const symbiaSockets: Scenario = {
  name: 'symbia-sockets',
  async run(context) {
    const figures: Figure[] = [];
    for (const one of cases) figures.push(...(await measureCase(context, one)));
    return figures;
  },
};

async function measureCase(context: ScenarioContext, one: Case): Promise<readonly Figure[]> {
  const side = parleyChatSide((await context.stack.parley()).url, context.accounts);
  const bench = await openChatLoad(context, side, one);
  const measured: ChatRound[] = [];
  await context.warmUp(bench.round);
  const watched = await context.watched(
    async () => {
      const round = await bench.round();
      measured.push(round);
      return round.perSec;
    },
    () => bench.posted.total,
    { receivers: cpuOf(bench.receivers.pid) },
  );
  const echo = await openEchoPosters(context, one.posters);
  const rounds = await interleave(context.pace.rounds, echo, watched.round);
  await bench.prove();
  const of = (pick: (round: ChatRound) => number): number => median(measured.map(pick));
  const what = `${one.posters} posters, ${one.conversations} conversations, ${one.receivers} Socket.IO receivers`;
  const described = {
    parleyMicros: watched.parleyMicros(),
    checked: `${bench.posted.total} times 201; each receiver got every message of its conversation once, in order; history equal`,
    notes:
      `post p50 ${of((r) => r.p50Ms).toFixed(1)} ms, p99 ${of((r) => r.p99Ms).toFixed(1)} ms; ` +
      `delivery p50 ${of((r) => r.deliveryP50Ms).toFixed(1)} ms, p99 ${of((r) => r.deliveryP99Ms).toFixed(1)} ms; ` +
      `(b) bare POST echo, same posters: ${Math.round(rounds.reference)}/s, ratio ${(rounds.value / rounds.reference).toFixed(2)}; ` +
      watched.shares(),
  };
  const name = `symbia-sockets-${one.posters}`;
  return [
    relativeFigure(
      { ...described, name, what: `${what}: posts/s`, unit: 'per_sec', target: rateTarget },
      realName,
      against(one.real.perSec, rounds.value, rounds.valueSpread, rounds.count),
    ),
    relativeFigure(
      { ...described, name: `${name}-p50`, what: `${what}: post p50`, unit: 'ms', target: latencyTarget },
      realName,
      against(
        one.real.p50Ms,
        of((r) => r.p50Ms),
        spread(measured.map((r) => r.p50Ms)),
        rounds.count,
      ),
    ),
  ];
}

function against(reference: number, value: number, valueSpread: number, count: number): Rounds {
  return { reference, referenceSpread: 0, value, valueSpread, count };
}
