/**
 * Random interleavings on two nodes and a third that comes and goes, held to what must be true of every log, answer and reader. The seed
 * is printed; PARLEY_MODEL_SEED repeats one, PARLEY_MODEL_SECONDS plays for longer.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { Problem } from '../../src/domain/problem.ts';
import { must } from '../kit/clients/reader.ts';
import { falseConflict, LogFaults, lostAfter, lostBefore } from '../kit/links/faulty-log.ts';
import { until } from '../kit/log-entries.ts';
import { openCoreNode } from '../kit/servers/core-node.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { checkAnswers } from './check-answers.ts';
import { checkLog } from './check-log.ts';
import { checkReader } from './check-readers.ts';
import { makeCast, scripts } from './random-steps.ts';
import { openStranger, Play, type Scene } from './world.ts';

const seconds = Number(process.env['PARLEY_MODEL_SECONDS'] ?? 20);
const seed = Number(process.env['PARLEY_MODEL_SEED'] ?? 20_261_120);
t.setTimeout((seconds + 160) * 1000);

const server = await startNats(t);
const database = await startPostgres(t);
const natsUrl = server.url.replace('//', `//${server.user}:${server.pass}@`);
const here = await openCoreNode({ natsUrl, databaseUrl: database.url, name: 'here' });
t.teardown(() => here.close());
const faults = new LogFaults();
const there = await openCoreNode({
  ...{ natsUrl, databaseUrl: database.url, name: 'there', deltaWindowMs: 5 },
  wrapLog: faults.wrap,
});
t.teardown(() => there.close());
/** Sees a conversation for the first time when all is over: from the projection and the log. */
const late = await openCoreNode({ natsUrl, databaseUrl: database.url, name: 'late', projects: false });
t.teardown(() => late.close());
const stranger = await openStranger(natsUrl, here);
t.teardown(() => stranger.nats.close());

const cast = makeCast(randomUUID());
const size = { lines: 14, steps: 30, conversations: 3 };

async function readersDone({ log, readers }: Scene): Promise<boolean> {
  const isDone = (): boolean => readers.every((one) => checkReader(log, one).length === 0);
  return await until(isDone).then(
    () => true,
    () => false,
  );
}

/** Replays from zero, on both nodes: every position, erased ones as stubs. */
async function replayFaults({ id, log }: Scene): Promise<string[]> {
  const faults: string[] = [];
  for (const node of [here, there]) {
    const positions: number[] = [];
    for (let from = 0; ; from = positions.at(-1)!) {
      const page = must(await node.core.bus.eventsAfter(cast.witness, id, from, 200, null));
      positions.push(...page.events.map((event) => event.position));
      if (!page.hasMore) break;
    }
    const isWhole = positions.length === log.position && positions.every((one, index) => one === index + 1);
    if (!isWhole) faults.push(`a replay gives ${positions.length} of ${log.position} positions`);
  }
  return faults;
}

/** An interrupted message holds the beginning of what its agent streamed. */
function interruptedFaults({ log, streams }: Scene): string[] {
  return log.entries.flatMap(({ event }) => {
    if (event.type !== 'message.posted' || event.data.interrupted !== true) return [];
    const sent = streams.get(event.data.message_id) ?? '';
    return sent.startsWith(event.data.content) ? [] : [`${event.data.content} is not what was streamed`];
  });
}

/** A node that comes late knows the same state, finds every retry, and shows the same timeline. */
async function latecomerFaults({ id, log, answers }: Scene): Promise<string[]> {
  const faults: string[] = [];
  const kept = log.states.at(-1)!;
  const { state } = must(await late.core.bus.stateFor(cast.witness, id, null));
  const facts = ({
    position,
    seq,
    paused,
    floor,
    priority,
    stoppedRuns,
    participants,
  }: typeof kept): unknown => [
    ...[position, seq, paused, floor, priority, [...stoppedRuns].toSorted()],
    [...participants.values()].map((one) => [one.id, one.kind, one.role, one.joinedAt]).toSorted(),
  ];
  if (!isDeepStrictEqual(facts(state), facts(kept))) faults.push('a late node has another state');
  for (const { who, command, result } of answers) {
    if (command.op !== 'post' || command.clientId === null || result instanceof Problem) continue;
    if (!kept.participants.has(who.id)) continue;
    const first = result.duplicate?.position ?? result.events.at(-1)?.position;
    const again = await late.core.bus.dispatch(who, command, late.core.bus.context(id));
    const found = again instanceof Problem ? again.code : again.duplicate?.position;
    if (found !== first)
      faults.push(`a late retry of ${who.id} ${command.clientId} gives ${found}, not ${first}`);
  }
  const page = must(await late.core.bus.history(cast.witness, id, { limit: 200, keep: 'newest' }));
  const shown = page.entries.map((entry) => entry.event);
  const timeline = log.timelineAt(log.position).slice(-200);
  const isSame = isDeepStrictEqual(
    shown,
    timeline.map((entry) => entry.event),
  );
  return isSame ? faults : [...faults, 'a late node shows another timeline'];
}

async function faultsOf(scene: Scene): Promise<string[]> {
  await readersDone(scene);
  const { log, answers, readers } = scene;
  return [
    ...checkLog(log),
    ...checkAnswers(log, answers),
    ...readers.flatMap((one) => checkReader(log, one).map((fault) => `reader ${one.who.id}: ${fault}`)),
    ...(await replayFaults(scene)),
    ...(await latecomerFaults(scene)),
    ...interruptedFaults(scene),
  ];
}

interface Told {
  plays: number;
  commands: number;
  refused: number;
  events: number;
  readers: number;
}

/** One play by everybody; what was wrong with it is answered in sentences. */
async function play(
  lines: Parameters<Play['run']>[0],
  told: Told,
  trouble: (isOn: boolean) => void,
): Promise<string[]> {
  // One that has nothing in memory yet, so that each play has cold loads in the middle of writes.
  const cold = await openCoreNode({ natsUrl, databaseUrl: database.url, name: 'cold', projects: false });
  const one = new Play(cast, [here, there, cold], stranger);
  await one.begin(size.conversations);
  trouble(true);
  await one.run(lines);
  trouble(false);
  const found: string[] = [];
  for (const scene of one.scenes) {
    found.push(...(await faultsOf(scene)));
    told.commands += scene.answers.length;
    told.refused += scene.answers.filter(({ result }) => !('events' in result)).length;
    told.events += scene.log.position;
    told.readers += scene.readers.length;
  }
  told.plays += 1;
  one.close();
  await cold.close();
  return found;
}

/** `trouble` is switched on while they play, and off while it is looked at what came of it. */
async function playFor(
  t: Test,
  share: number,
  trouble: (isOn: boolean) => void = () => undefined,
): Promise<void> {
  const told: Told = { plays: 0, commands: 0, refused: 0, events: 0, readers: 0 };
  const found: string[] = [];
  const untilMs = performance.now() + seconds * share * 1000;
  for (let n = 0; performance.now() < untilMs && found.length === 0; n += 1) {
    const [lines = []] = fc.sample(scripts(cast, size), { seed: seed + n, numRuns: 1 });
    found.push(...(await play(lines, told, trouble)));
  }
  t.same(found.slice(0, 10), []);
  const { appendConflicts, appendUnknowns, forwards, gapRepairs } = there.metrics;
  const sums = Object.entries({ appendConflicts, appendUnknowns, forwards, gapRepairs });
  t.comment(JSON.stringify({ ...told, ...Object.fromEntries(sums.map(([name, sum]) => [name, sum.total])) }));
  t.ok(told.plays > 0 && told.refused > 0 && told.readers > 0);
  for (const node of [here, there]) {
    t.same(
      node.logger.lines.filter((line) => line.level === 'error'),
      [],
    );
  }
}

t.test(`whatever two nodes are asked at once, one log comes of it (seed ${seed})`, async (t) => {
  await playFor(t, 0.6);
});

t.test('so it does when answers get lost and the leader is away for moments', async (t) => {
  const append: LogFaults['append'] = async (call) => {
    const dice = Math.random();
    if (dice < 0.03) return await lostAfter(call);
    if (dice < 0.06) return await lostBefore();
    if (dice < 0.08) return await falseConflict();
    return await call.real();
  };
  await playFor(t, 0.4, (isOn) => {
    faults.append = isOn ? append : null;
    faults.isHeadless = () => isOn && Math.random() < 0.02;
  });
});
