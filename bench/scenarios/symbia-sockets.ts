/**
 * The bench of the real Symbia service (measured.md): posters over REST, each with one request in flight, and
 * receivers with the real socket.io-client, each in one conversation. Its figures are fixed: they were measured on
 * such a machine, of 2 cores with the load on them, and are not measured again.
 */
import type { Agent } from '../kit/clients/accounts.ts';
import { EventReceivers } from '../kit/clients/event-receivers.ts';
import { HttpPosters, type PostingResult } from '../kit/clients/http-posters.ts';
import { symbiaClient } from '../kit/clients/symbia-client.ts';
import { type Figure, relativeFigure } from '../kit/figures/figure.ts';
import { PostedNumbers } from '../kit/figures/posted-numbers.ts';
import { interleave, type Rounds } from '../kit/figures/rounds.ts';
import { median, spread } from '../kit/figures/samples.ts';
import { stampedText } from '../kit/figures/stamped-text.ts';
import { openEchoPosters } from '../kit/references/echo-reference.ts';
import { cpuOf } from '../kit/references/process-usage.ts';
import type { Scenario, ScenarioContext } from '../kit/scenario.ts';

/** Posters, conversations and receivers; what the real service does with them. */
type Case = {
  /** Of the agents that receive; those that post are the first ones. */
  readonly firstReceiver: number;
  readonly posters: number;
  readonly conversations: number;
  readonly receivers: number;
  readonly real: { readonly perSec: number; readonly p50Ms: number };
};

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

/** One round: what the posters saw, then what the receivers did. */
type Round = PostingResult & { readonly deliveryP50Ms: number; readonly deliveryP99Ms: number };

async function measureCase(context: ScenarioContext, one: Case): Promise<readonly Figure[]> {
  const bench = await openCase(context, one);
  const measured: Round[] = [];
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
  const of = (pick: (round: Round) => number): number => median(measured.map(pick));
  const what = `${one.posters} posters, ${one.conversations} conversations, ${one.receivers} Socket.IO receivers`;
  const described = {
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

type OpenCase = {
  readonly posted: PostedNumbers;
  readonly receivers: EventReceivers;
  /** Posts, and waits until everybody has everything. */
  readonly round: () => Promise<Round>;
  /** What was acknowledged is what every receiver and the history have. */
  readonly prove: () => Promise<void>;
};

async function openCase(context: ScenarioContext, one: Case): Promise<OpenCase> {
  const { url } = await context.stack.parley();
  const { agents, ownerToken } = context.accounts;
  const client = symbiaClient(url, ownerToken);
  const posters = agents.slice(0, one.posters);
  const listeners = agents.slice(one.firstReceiver, one.firstReceiver + one.receivers);
  const conversations: string[] = [];
  for (let index = 0; index < one.conversations; index += 1) {
    const isHere = (_: Agent, n: number): boolean => n % one.conversations === index;
    const members = [...posters.filter(isHere), ...listeners.filter(isHere)];
    conversations.push(
      await client.createGroup(
        `sockets ${index}`,
        members.map(({ id }) => id),
      ),
    );
  }
  const conversationOf = (index: number): string => conversations[index % conversations.length]!;
  const places = listeners.map(({ key }, index) => ({ apiKey: key, conversation: conversationOf(index) }));
  const receivers = await EventReceivers.open(url, places);
  context.closers.add(() => receivers.close());
  const posted = new PostedNumbers(conversations);
  const posting = await HttpPosters.open({
    url,
    connections: one.posters,
    path: (index) => `/api/conversations/${conversationOf(index)}/messages`,
    headers: (index) => ({ 'x-api-key': posters[index]!.key }),
    body: (number) => `{"content":"${stampedText(number)}"}`,
    onCreated: (index, sent, answer) => posted.created(conversationOf(index), sent, answer),
  });
  context.closers.add(() => posting.close());
  return {
    posted,
    receivers,
    async round() {
      const result = await posting.run(context.pace.roundMs);
      const { p50Ms, p99Ms } = await receivers.received(posted.counts());
      return { ...result, deliveryP50Ms: p50Ms, deliveryP99Ms: p99Ms };
    },
    async prove() {
      const numbers = await receivers.numbers();
      for (const [index, got] of numbers.entries())
        posted.expect(conversationOf(index), `receiver ${index}`, got);
      for (const id of conversations) {
        const texts = (await client.readAll(id)).map(({ content }) => content);
        posted.expectTexts(id, 'history', texts);
      }
    },
  };
}
