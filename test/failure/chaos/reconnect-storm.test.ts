/**
 * 5,000 sockets, 500 of them of Socket.IO, lose their node at once and come to the other one. Runs alone: it needs both
 * cores.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { openAsking } from '../../kit/chaos/actors/asking-socket.ts';
import { type Poster, Posting } from '../../kit/chaos/actors/posting.ts';
import { EventStormSocket, type Head, NativeStormSocket } from '../../kit/chaos/actors/storm.ts';
import { openDeployment } from '../../kit/chaos/faults/deployment.ts';
import { type Latency, provePace } from '../../kit/chaos/proofs/latency.ts';
import { metricsOf, summed } from '../../kit/chaos/proofs/metrics.ts';
import { type Account, type KeyHolder, makeAgent, signUp } from '../../kit/clients/accounts.ts';
import { until } from '../../kit/log-entries.ts';

t.setTimeout(600_000);

const [sockets, conversations, agentsOfEach, posters] = [5_000, 50, 10, 100];
/** Of each poster: what they say goes to 100 sockets, which one process has to read. */
const postEveryMs = 2_000;
const backMsMax = 60_000;
/** Of a drain and of a kill, each: one of them may meet a collection of garbage, or something else of the machine. */
const rounds = Number(process.env['PARLEY_CHAOS_ROUNDS'] ?? 3);

const filesMax = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }));
if (filesMax < sockets + 1_000)
  throw new Error(
    `${sockets} sockets need as many open files: raise \`ulimit -n\` (${filesMax}) to ${sockets + 1_000}`,
  );

type Place = { readonly conversation: string; readonly agents: readonly KeyHolder[] };

async function makePlaces(node: { readonly url: string }, owner: Account): Promise<readonly Place[]> {
  const socket = await openAsking(node.url, owner.token);
  const places: Place[] = [];
  for (let index = 0; index < conversations; index += 1) {
    const names = Array.from({ length: agentsOfEach }, (_, agent) => `agent ${index} ${agent}`);
    const agents = await Promise.all(names.map((name) => makeAgent(node, owner, name)));
    const participants = agents.map(({ id }) => ({ id, kind: 'agent' }));
    const made = await socket.ask('create', { type: 'group', name: `storm ${index}`, participants });
    places.push({ conversation: made['conversation'].id ?? made['conversation'], agents });
  }
  socket.end();
  return places;
}

type Round = { readonly quiet: Latency; readonly busy: Latency };

t.test('all come back with nothing missed, and who is connected elsewhere notices little', async (t) => {
  const { nodes } = await openDeployment(t);
  const [here, there] = nodes;
  if (here === undefined || there === undefined) throw new Error('two nodes are needed');
  const places = await makePlaces(there, await signUp(there));
  const faults: string[] = [];
  const storm = Array.from({ length: sockets }, (_, index) => {
    const place = places[index % places.length];
    const who = place?.agents[Math.floor(index / places.length) % agentsOfEach];
    // To and fro: whoever lost one node comes to the other.
    const plan = {
      token: who?.token ?? '',
      conversation: place?.conversation ?? '',
      urls: [here.url, there.url],
    };
    // One agent of each conversation uses Socket.IO, with a tenth of all sockets.
    const isEvents = Math.floor(index / places.length) % agentsOfEach === 0;
    return isEvents ? new EventStormSocket(plan, faults) : new NativeStormSocket(plan, faults);
  });
  const events = storm.filter((one) => one instanceof EventStormSocket);
  t.equal(events.length, sockets / agentsOfEach);
  t.teardown(() => {
    for (const one of storm) one.end();
  });
  /** Until all are open there. `isSent`: they are sent; whoever is refused tries the other node next, and is sent again. */
  const allAt = async (url: string, isSent = false): Promise<void> => {
    const elsewhere = () => storm.filter((one) => !one.isAt(url));
    const areThere = (): boolean => {
      const lacking = elsewhere();
      for (const one of lacking) if (isSent && one.isOpen) one.moveTo(url);
      return lacking.length === 0;
    };
    await until(areThere, backMsMax).catch((error: unknown) => {
      const states = elsewhere().map((one) => `${one.constructor.name} ${one.stage}: ${one.refusals.at(-1)}`);
      throw new Error(`not all are back: ${counted(states)}`, { cause: error });
    });
    const refusals = storm.flatMap((one) => one.refusals.splice(0));
    if (refusals.length > 0) t.comment(`refused at first: ${counted(refusals)}`);
  };
  for (const [index, one] of storm.entries()) {
    one.begin();
    if (index % 100 === 99) await delay(50);
  }
  await allAt(here.url);
  const all = Posting.begin(t, { url: there.url, posters: postersIn(places), everyMs: postEveryMs });
  await delay(5_000);

  const lose = async (what: string, end: () => Promise<void>): Promise<Round> => {
    const quiet = await all.during(() => delay(10_000));
    const used = await cpuOf(there);
    const own = process.cpuUsage();
    const beganMs = performance.now();
    let backMs = 0;
    const busy = await all.during(async () => {
      await end();
      await allAt(there.url);
      backMs = performance.now() - beganMs;
      await delay(2_000);
    });
    const { user, system } = process.cpuUsage(own);
    const seconds = (performance.now() - beganMs) / 1_000;
    const share = (ofSeconds: number): string => `${((ofSeconds / seconds) * 100).toFixed(0)}% of a core`;
    const spent = `the node that took them used ${share((await cpuOf(there)) - used)}, the sockets ${share((user + system) / 1e6)}`;
    t.comment(`${what}: p99 ${busy.p99.toFixed(0)} ms after ${quiet.p99.toFixed(0)} ms`);
    t.comment(`all were back after ${(backMs / 1_000).toFixed(1)} s; ${spent}`);
    return { quiet, busy };
  };
  /** The node that was lost is there again, and all come to it. */
  const goBack = async (): Promise<void> => {
    await here.start();
    await allAt(here.url, true);
    await delay(2_000);
  };
  const drains: Round[] = [];
  const kills: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const closesBefore = storm.map(({ closes }) => closes.length);
    drains.push(await lose('drained', () => here.drain()));
    const codes = (isEvents: boolean): number[] => [
      ...new Set(
        storm.flatMap((one, index) =>
          one instanceof EventStormSocket === isEvents ? one.closes.slice(closesBefore[index]) : [],
        ),
      ),
    ];
    t.same(codes(false), [1012], 'a drain closes every socket with 1012');
    t.same(codes(true), [1005], 'and those of Socket.IO, which has no codes, without a word');
    await goBack();
    kills.push(await lose('killed', () => here.kill()));
    await goBack();
  }

  await all.end();
  t.same(all.faults, [], 'whoever was connected to the other node stays so, and every post is taken');
  const heads = new Map<string, Head>();
  for (const { conversation, agents } of places) {
    const asked = await openAsking(there.url, agents[0]?.token ?? '');
    heads.set(conversation, (await asked.ask('open', { conversation }))['conversations'][0]);
    asked.end();
  }
  const lacking = (): number =>
    storm.filter((one) => !one.hasAllOf(heads.get(one.conversation) ?? { position: 0, seq: 0 })).length;
  await until(() => lacking() === 0, 30_000).catch(() => undefined);
  t.equal(lacking(), 0, 'nobody missed anything');
  const missed = events.reduce((sum, one) => sum + one.missed, 0);
  t.ok(missed > 0, `sockets of Socket.IO asked for ${missed} messages that they had missed`);
  t.same(faults.slice(0, 20), [], 'and nothing came twice');
  provePace(t, drains, 'a drain');
  provePace(t, kills, 'a kill');
});

function counted(texts: readonly string[]): string {
  return [...new Set(texts)]
    .map((each) => `${texts.filter((text) => text === each).length} ${each}`)
    .join(', ');
}

function postersIn(places: readonly Place[]): Poster[] {
  return Array.from({ length: posters }, (_, index) => {
    const place = places[index % places.length];
    return {
      token: place?.agents[index % agentsOfEach]?.token ?? '',
      conversation: place?.conversation ?? '',
    };
  });
}

/** Seconds of processor time that a node has used. */
async function cpuOf(node: { readonly url: string }): Promise<number> {
  return summed(await metricsOf(node), 'process_cpu_seconds_total');
}
