/** POST of messages that Socket.IO receivers get: Parley beside a Socket.IO and PostgreSQL server. */
import { type ChatCase, type ChatLoad, type ChatRound, openChatLoad } from '../../kit/clients/chat-load.ts';
import { type Figure, relativeFigure } from '../../kit/figures/figure.ts';
import { interleave } from '../../kit/figures/rounds.ts';
import { median } from '../../kit/figures/samples.ts';
import { cpuOf, watchProcesses } from '../../kit/references/process-usage.ts';
import type { Scenario, ScenarioContext } from '../../kit/scenario.ts';
import { type ChatSides, chatName, openChatSides } from './sides.ts';

/** As in symbia-sockets. */
const cases: readonly ChatCase[] = [
  { firstReceiver: 80, posters: 16, conversations: 4, receivers: 8 },
  { firstReceiver: 64, posters: 64, conversations: 16, receivers: 16 },
];

export const chatPost: Scenario = {
  name: 'chat-post',
  async run(context) {
    const sides = await openChatSides(context);
    const figures: Figure[] = [];
    for (const one of cases) figures.push(await measureCase(context, sides, one));
    return figures;
  },
};

async function measureCase(context: ScenarioContext, sides: ChatSides, one: ChatCase): Promise<Figure> {
  const ours = await openChatLoad(context, sides.parley, one);
  const theirs = await openChatLoad(context, sides.peer, one);
  const unsynced = await openChatLoad(context, sides.unsynced, one);
  const measured = { ours: [] as ChatRound[], theirs: [] as ChatRound[] };
  const round = async (load: ChatLoad, into: ChatRound[]): Promise<number> => {
    const done = await load.round();
    into.push(done);
    return done.perSec;
  };
  await context.warmUp(ours.round);
  await theirs.round();
  await unsynced.round();
  const { perSec: unsyncedPerSec } = await unsynced.round();
  const watched = await context.watched(
    () => round(ours, measured.ours),
    () => ours.posted.total,
    { receivers: cpuOf(ours.receivers.pid) },
  );
  let theirShares = '';
  const theirRound = async (): Promise<number> => {
    const before = theirs.posted.total;
    const usage = watchProcesses({ load: cpuOf(process.pid), ...sides.cpu });
    const perSec = await round(theirs, measured.theirs);
    theirShares = usage.stop(theirs.posted.total - before);
    return perSec;
  };
  const rounds = await interleave(context.pace.rounds, theirRound, watched.round);
  for (const load of [ours, theirs, unsynced]) await load.prove();
  const disordered = measured.theirs.at(-1)?.disordered ?? 0;
  return relativeFigure(
    {
      name: `chat-post-${one.posters}`,
      what: `${one.posters} posters, ${one.conversations} conversations, ${one.receivers} Socket.IO receivers: posts/s`,
      unit: 'per_sec',
      target: { kind: 'min', must: 1, worth: 2 },
      checked: `${ours.posted.total} times 201 here and ${theirs.posted.total} there; every receiver and the history have them, each once${disordered === 0 ? '' : `; there ${disordered} deliveries out of order`}`,
      notes:
        `${told(measured.ours)}; ${watched.shares()}; ` +
        `the other ${told(measured.theirs)}; ${theirShares}; ` +
        `with synchronous_commit off ${Math.round(unsyncedPerSec)}/s`,
    },
    chatName,
    rounds,
  );
}

function told(rounds: readonly ChatRound[]): string {
  const of = (pick: (round: ChatRound) => number): string => median(rounds.map(pick)).toFixed(1);
  return (
    `post p50 ${of((r) => r.p50Ms)} ms, p99 ${of((r) => r.p99Ms)} ms, ` +
    `delivery p50 ${of((r) => r.deliveryP50Ms)} ms, p99 ${of((r) => r.deliveryP99Ms)} ms`
  );
}
